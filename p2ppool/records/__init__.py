"""Shared records of the domain: finding pools by name, and the audit log."""
