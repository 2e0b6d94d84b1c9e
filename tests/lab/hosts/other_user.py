"""What another user of the same machine can do, tried in a process of theirs."""

import errno
import json
import os

NOBODY = 65534


def as_another_user(attempt, user=NOBODY):
    """What `attempt()` returns (as JSON) in a process of that user, with no groups; needs root.

    The process is forked, as that user may not be able to read this Python.
    """
    reader, writer = os.pipe()
    if not (child := os.fork()):
        try:
            os.close(reader)
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            os.write(writer, json.dumps(attempt()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answer)


def can_open(paths):
    """Those of the files or folders that this process can look into."""
    return [str(path) for path in paths if _opens(path)]


def _opens(path):
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError as error:  # a socket is no file: to be allowed to open it is enough
        return error.errno == errno.ENXIO
    return True
