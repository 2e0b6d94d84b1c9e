"""The sink of the audit: each entry, once it is committed, also goes to syslog or to a file of JSON lines."""

import json
import logging
import os
import syslog
from pathlib import Path
from typing import Final

from sqlalchemy import event
from sqlalchemy.orm import Session

from p2ppool.errors import UserError, one_line
from p2ppool.records.audit_chain import as_dict, committed_lines
from p2ppool.settings import settings
from p2ppool.store.models import AuditLine

SYSLOG: Final = "syslog"
_LOG: Final = logging.getLogger("p2ppool.audit")


@event.listens_for(Session, "after_commit")
def _send(session: Session) -> None:
    lines = committed_lines(session)
    if not lines:
        return
    try:
        sink = settings().audit_sink
        if sink:
            send(sink, lines)
    except (OSError, UserError) as error:
        # The entry itself is safe in the database.
        _LOG.warning("the audit's sink gets nothing: %s", one_line(error))


def send(sink: str, lines: list[AuditLine]) -> None:
    """Write the entries to the sink.

    Raises:
        OSError: the file can't be written.
    """
    texts = [json.dumps(as_dict(line), separators=(",", ":"), default=str) for line in lines]
    if sink == SYSLOG:
        for text in texts:
            syslog.syslog(syslog.LOG_AUTHPRIV | syslog.LOG_NOTICE, f"p2ppool audit: {text}")
        return
    opened = os.open(Path(sink), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(opened, "".join(f"{text}\n" for text in texts).encode())
    finally:
        os.close(opened)
