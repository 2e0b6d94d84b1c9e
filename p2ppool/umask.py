"""Files of this program are for its owner alone, whatever the user's shell says."""

import os


def close_to_others() -> None:
    """Make all that this process and its children create from now on readable for its owner alone."""
    os.umask(0o077)
