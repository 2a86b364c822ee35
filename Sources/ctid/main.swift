print("ctid")
