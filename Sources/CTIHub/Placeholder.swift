enum CTIHubPlaceholder {}
