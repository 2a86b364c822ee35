enum CTIStorePlaceholder {}
