"""The HTTP server: waitress, with bounds on connections, deadlines, sizes by sender, and TLS."""
