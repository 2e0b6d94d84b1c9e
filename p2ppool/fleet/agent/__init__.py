"""The shell agent that runs on hosts: what it is asked, and what its answers mean."""
