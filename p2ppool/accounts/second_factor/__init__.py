"""What a user proves beside the password: one-time codes of an app, passkeys, and recovery codes."""
