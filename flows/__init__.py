"""One flow for each management action."""
