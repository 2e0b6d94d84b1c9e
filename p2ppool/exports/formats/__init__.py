"""Writes rows as CSV or Parquet."""
