"""The dispatcher: takes requests from Prefect, gives tickets, and launches runs when their turn comes."""
