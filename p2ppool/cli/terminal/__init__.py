"""What every command shares: the database it opens and the way it prints."""
