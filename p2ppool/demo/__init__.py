"""SSH hosts on loopback addresses for an ordinary user, for the demo and tests."""
