"""Exports for analysts: rows of one kind of one pool in a period, as CSV or Parquet, streamed."""
