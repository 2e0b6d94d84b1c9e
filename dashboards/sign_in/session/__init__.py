"""Sessions: who is signed in, how they signed in, and rate limits."""
