"""The shell agent that runs on hosts: its verbs, and how to read its output."""
