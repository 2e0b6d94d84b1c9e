"""What every room of the domain looks up or writes: pools by name, and the audit."""
