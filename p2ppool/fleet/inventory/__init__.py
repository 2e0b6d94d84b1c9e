"""Reads lists of hosts in every supported format, and resolves their names."""
