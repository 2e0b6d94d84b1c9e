"""SSH private keys: parsing them, and storing them sealed."""
