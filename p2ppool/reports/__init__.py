"""Queries to the database: each returns a typed record or a frame, read in a fixed number of statements."""
