"""Locates addresses on earth, from the most reliable source to the coarsest."""
