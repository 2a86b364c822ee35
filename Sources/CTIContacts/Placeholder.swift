enum CTIContactsPlaceholder {}
