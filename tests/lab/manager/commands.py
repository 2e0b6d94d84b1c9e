"""`p2ppool …` as a process, forked from one that has imported it: each by itself would import for a second.

How it is started from a shell is what the demo's tests see.
"""

import atexit
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_PRELOADED = (
    "httpx",
    "p2ppool.accounts.users",
    "p2ppool.prefect_client.client",
    "p2ppool.cli",
    "p2ppool.cli.run.follow",
    "p2ppool.cli.terminal.database",
    "p2ppool.cli.pool.status",
    "p2ppool.software.package.package",
    "psycopg",
    "sqlalchemy.dialects.postgresql",
    "tests.lab.manager.turn_worker",
)
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload([*_PRELOADED, __name__])
"""Where whatever else tests fork comes from, too: a process has but one of its kind."""


def run(arguments, environment, timeout):
    """Run it to its end; a `subprocess.CompletedProcess`.

    Raises:
        TimeoutExpired: it was ended after so many seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        said = [Path(folder, name) for name in ("out", "err")]
        process = FORKING.Process(target=_main, args=(list(arguments), dict(environment), *said))
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(arguments, timeout, *(place.read_text() for place in said))
        texts = [place.read_text() if place.exists() else "" for place in said]
        return subprocess.CompletedProcess(arguments, process.exitcode, *texts)


def _main(arguments, environment, out, err):
    os.environ.clear()
    os.environ.update(environment)
    _redirect(os.devnull, os.O_RDONLY, 0)
    for number, place in ((1, out), (2, err)):
        _redirect(place, os.O_WRONLY | os.O_CREAT, number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, "rw"[number > 0], encoding="utf-8", closefd=False)  # noqa: SIM115 - until the end
        for number in range(3)
    )
    sys.argv = ["p2ppool", *arguments]
    try:
        from p2ppool.cli import main  # noqa: PLC0415 - preloaded by whoever forks

        main()
    finally:
        atexit._run_exitfuncs()


def _redirect(place, flags, number):
    opened = os.open(place, flags, 0o600)
    os.dup2(opened, number)
    os.close(opened)
