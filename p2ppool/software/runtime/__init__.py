"""The runtimes that start a package's program, and archives of them for hosts that have none."""
