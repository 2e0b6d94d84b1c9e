"""The number of files that the process of the demo hosts may open."""

import resource

# One to listen, one for events; the rest for connections (one each) and running commands (up to eight each).
_PER_HOST = 16
_BESIDES = 64


def allow_files(hosts: int) -> None:
    """Raise the process's limit to what `hosts` hosts need, or as far as the system allows.

    Commands inherit the limit, so it isn't raised further: some programs slow down under a huge one.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = hosts * _PER_HOST + _BESIDES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
