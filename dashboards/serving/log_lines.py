"""The form of the web server's log: every line has its date."""

import logging
import sys
import time


def log_with_dates() -> None:
    """Write warnings and errors to standard error, each with its time in UTC."""
    lines = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    lines.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(lines)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
