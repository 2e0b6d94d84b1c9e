"""What is served and what starts everything."""
