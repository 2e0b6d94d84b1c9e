"""What analysts take away: rows of one kind of one pool in a stretch of time, as CSV or Parquet, streamed."""
