"""A group's certificate authority: its key, and the names it has revoked."""
