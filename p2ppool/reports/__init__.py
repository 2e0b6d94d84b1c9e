"""Questions to the database: each answer is a typed record or a frame, read in a fixed number of queries."""
