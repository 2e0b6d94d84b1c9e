"""The basis of all views: access rules, the database, security headers, ids and short texts."""
