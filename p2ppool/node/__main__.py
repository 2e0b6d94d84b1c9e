"""`python -m p2ppool.node [-c COUNT] -n node.config`: the command line of Brunet's P2PNode."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import sys
from typing import List, Optional

from . import address, config
from .config import Config, StartError
from .service import Service

MOST_NODES = 100

log = logging.getLogger("p2pnode")


def main(arguments: Optional[List[str]] = None) -> int:
    """Run nodes until SIGINT. Return the exit status: 0, or that of the `StartError`."""
    options = _options(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        settings = config.load(options.config)
        service = Service(settings, _count(options.count))
    except StartError as error:
        sys.stderr.write("%s\n" % error)
        return error.status
    _print_start(settings, service)
    service.run()
    return 0


def _options(arguments: Optional[List[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="P2PNode", description="The reference node: a ring overlay over UDP."
    )
    parser.add_argument(
        "-n", "--node", dest="config", required=True, metavar="node.config", help="NodeConfig XML"
    )
    parser.add_argument("-c", "--count", default="1", help="nodes in this process (default 1)")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    if not (text.isdecimal() and len(text) <= len(str(MOST_NODES)) and 1 <= int(text) <= MOST_NODES):
        raise config.InvalidConfigError(
            "Invalid count: -c %.80r is not a number from 1 to %d" % (text, MOST_NODES)
        )
    return int(text)


def _print_start(settings: Config, service: Service) -> None:
    now = dt.datetime.now(tz=dt.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    for node in service.addresses():
        name = address.write(node)
        sys.stdout.write("Starting at %s, %s is connecting to %s.\n" % (now, name, settings.namespace))
    sys.stdout.flush()
    for text in settings.unusable_remotes:
        log.warning("RemoteTA %.200r is ignored: not brunet.udp:// or brunet.tcp://ADDRESS:PORT", text)
    if settings.wants_security:
        log.warning("Security is enabled in the config, but this node has none: it runs without")


if __name__ == "__main__":
    sys.exit(main())
