"""The migrations of the database, in `versions/`, one file for each revision."""
