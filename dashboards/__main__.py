"""`python -m dashboards`: serve the pages until SIGTERM or Ctrl-C."""

import sys

from dashboards.app import create_app
from dashboards.server import serve
from p2ppool.errors import UserError
from p2ppool.settings import settings
from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade


def main() -> int:
    """Serve; 1 where that can't be, with the reason in one line."""
    try:
        chosen = settings()
        engine = open_engine(chosen.store_url)
        upgrade(engine)
        serve(create_app(engine, chosen), chosen)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
