"""The pages: each registers itself and lays out its parts; figures and queries are elsewhere."""
