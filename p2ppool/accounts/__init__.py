"""Users and their access: passwords, sign-ins, API tokens and one-time links.

Nothing here knows of the web: the pages and the command line use it alike. Every function leaves the commit
to its caller.
"""
