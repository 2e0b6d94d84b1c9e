"""What can be exported: each kind with its table and columns, declared as data."""
