"""Reads nodes: those of a crawl, one over time, and what changed between two crawls."""
