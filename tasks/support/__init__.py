"""What the steps are built on: the database, the fan-out, progress."""
