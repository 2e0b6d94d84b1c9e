"""`python -m dashboards`: serve the pages until SIGTERM or Ctrl-C."""

import argparse
import sys
from collections.abc import Sequence

from sqlalchemy import Engine

from dashboards.app import create_app
from dashboards.server import serve
from dashboards.serving.log_lines import log_with_dates
from p2ppool.accounts import links
from p2ppool.errors import UserError
from p2ppool.settings import Settings, settings
from p2ppool.store.data_folder import prepare_data_folder
from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault_key import make_first_key
from p2ppool.umask import close_to_others


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the pages; return 1 if that fails, with the reason on one line."""
    parser = argparse.ArgumentParser(prog="python -m dashboards", description=__doc__)
    parser.add_argument(
        "--no-welcome",
        action="store_true",
        help="do not print the link for the first manager, because the output is logged",
    )
    options = parser.parse_args(arguments)
    close_to_others()
    log_with_dates()
    try:
        chosen = settings()
        prepare_data_folder(chosen.data_folder)
        engine = open_engine(chosen.store_url)
        upgrade(engine)
        make_first_key(engine, chosen)
        serve(create_app(engine, chosen), chosen, "" if options.no_welcome else _welcome(engine, chosen))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _welcome(engine: Engine, chosen: Settings) -> str:
    """Return the message of a first start."""
    with UnitOfWork(engine) as work:
        link = links.for_first_manager(work.session, chosen.web_url)
        work.commit()
    return f"link for the first manager (works once, within one day): {link}\n" if link else ""


if __name__ == "__main__":
    sys.exit(main())
