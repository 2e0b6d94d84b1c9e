"""Reads the shell agent's output line by line: facts, errors of known kinds, or a protocol error."""

import time
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from p2ppool.errors import one_line
from p2ppool.fleet.agent import clock
from p2ppool.fleet.host.outcome import FOUND_ON_HOST, ErrorKind, HostFault
from p2ppool.fleet.transport.session import OUTPUT_LIMIT, AgentConnection, Receiver, Session

_PREFIX: Final = "@p2ppool "
_FACTS_LIMIT: Final = 64
_VALUE_LIMIT: Final = 300
_COMMAND_NOT_FOUND: Final = 127
_KILLED: Final = 128 + 9  # how a shell reports SIGKILL


class Answers:
    """The output of one agent, up to its end."""

    def __init__(
        self,
        connection: AgentConnection,
        session: Session,
        uploads: Mapping[str, bytes | memoryview],
        receiver: Receiver | None,
    ) -> None:
        """Start the clock; create this just before the agent is sent,
        since its clock may be read from then on.

        `uploads` holds what the agent may request, each at most once.
        """
        self._connection = connection
        self._session = session
        self._uploads = dict(uploads)
        self._receiver = receiver
        self._facts: dict[str, str] = {}
        self._broken: HostFault | None = None
        self._noise = ""
        self._sent_at = time.time()

    def read(self) -> Mapping[str, str]:
        """Read everything and return the facts.

        Raises:
            HostFault: the fault that the agent reports, output that makes no sense, or no proper end.
        """
        try:
            for word, rest in self._lines():
                if word == "done":
                    return self._facts
                self._take(word, rest)
        except HostFault as fault:
            if self._broken and fault.kind not in FOUND_ON_HOST:  # what broke first is the cause
                raise self._broken from fault
            raise
        raise self._broken or self._unexpected_end()

    def _lines(self) -> Iterator[tuple[str, str]]:
        limit = self._receiver.output_limit if self._receiver else OUTPUT_LIMIT
        for line in self._session.lines(limit):
            if line.startswith(_PREFIX):
                word, _, rest = line.removeprefix(_PREFIX).partition(" ")
                yield word, rest
            elif line.strip() and not (self._receiver and self._receiver.data(line)):
                self._noise = line

    def _take(self, word: str, rest: str) -> None:
        match word:
            case "step":
                self._connection.step = one_line(rest, 40)
            case "fact":
                self._learn(*islice((*rest.split(" ", 1), ""), 2))
            case "need":
                self._upload(rest)
            case "error":
                raise self._reported(*islice((*rest.split(" ", 1), ""), 2))
            case _ if self._receiver:
                self._receiver.take(word, rest)
            case _:
                raise HostFault(ErrorKind.PROTOCOL, f"{word} {rest}")

    def _learn(self, name: str, value: str) -> None:
        if len(self._facts) >= _FACTS_LIMIT:
            raise HostFault(ErrorKind.PROTOCOL, "far too many facts")
        self._facts[one_line(name, 40)] = one_line(value, _VALUE_LIMIT)
        if name == "clock":
            self._facts |= clock.compare(value, self._sent_at, time.time())

    def _upload(self, what: str) -> None:
        """Send the requested data, and keep a failure for later.

        A host that stops reading, because its disk is full for example, has already reported why. Its own
        report takes precedence.
        """
        if what not in self._uploads:
            raise HostFault(ErrorKind.PROTOCOL, f"need {what}")
        try:
            self._session.send(self._uploads.pop(what))
        except HostFault as fault:
            self._broken = fault

    def _reported(self, kind: str, text: str) -> HostFault:
        if kind not in FOUND_ON_HOST:
            return HostFault(ErrorKind.PROTOCOL, f"{kind} {text}")
        if self._broken and kind == ErrorKind.BAD_BUNDLE:
            return self._broken
        return HostFault(ErrorKind(kind), text, self._facts)

    def _unexpected_end(self) -> HostFault:
        status = self._session.exit_status()
        if status == -1:
            return HostFault(ErrorKind.CONNECTION_LOST, "the agent ended in the middle")
        if status == _COMMAND_NOT_FOUND and "setsid" in self._noise:
            return HostFault(ErrorKind.MISSING_TOOL, "setsid")
        if status == _KILLED:
            return HostFault(ErrorKind.CONNECTION_LOST, "a newer action, or its time limit, ended the agent")
        return HostFault(ErrorKind.PROTOCOL, f"exit status {status}: {self._noise}")
