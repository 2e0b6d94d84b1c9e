"""Fixtures for all tests; what starts hosts and databases is in tests/lab."""
