"""The basis of the steps: the database, the fan-out, progress."""
