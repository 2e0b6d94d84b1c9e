"""The pages for signing in, registering, accounts and users."""
