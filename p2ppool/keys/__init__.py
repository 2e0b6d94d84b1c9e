"""SSH private keys: parsing them, and keeping them sealed."""
