"""Who may see and who may act: users, their passwords, where they have signed in, tokens and one-time links.

Nothing here knows of the web: the pages and the command line use it alike. Every function leaves the commit
to its caller.
"""
