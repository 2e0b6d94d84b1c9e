"""What can be asked of a pool from a page, how a page makes sure, and the asking itself."""
