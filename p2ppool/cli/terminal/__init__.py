"""Parts shared by all commands: opening the database, and printing."""
