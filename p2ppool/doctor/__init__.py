"""Checks the manager's own machine: its data folder, its secrets, and how packages are confined."""
