"""The outcome for one host: success, or an error of a known kind in words that people understand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from p2ppool.errors import one_line
from p2ppool.fleet.host.target import Target

_DETAIL_LIMIT: Final = 300


class ErrorKind(StrEnum):
    """The reason why a host was not served. Stored with each host's result:
    members may be added, never renamed.
    """

    # on the way to the host
    UNRESOLVED = "unresolved"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    SILENT = "silent"
    NOT_SSH = "not_ssh"
    HANDSHAKE = "handshake"
    HOST_KEY_CHANGED = "host_key_changed"
    FORWARDING_REFUSED = "forwarding_refused"
    AUTH_REFUSED = "auth_refused"
    CONNECTION_LOST = "connection_lost"
    STALLED = "stalled"
    # found by the agent on the host
    DISK_FULL = "disk_full"
    NOT_WRITABLE = "not_writable"
    MISSING_RUNTIME = "missing_runtime"
    UNFIT_RUNTIME = "unfit_runtime"
    MISSING_TOOL = "missing_tool"
    PORT_TAKEN = "port_taken"
    START_FAILED = "start_failed"
    STOP_FAILED = "stop_failed"
    WRONG_POOL = "wrong_pool"
    UNSAFE_PATH = "unsafe_path"
    BAD_BUNDLE = "bad_bundle"
    BUSY = "busy"
    FENCED = "fenced"
    NO_IFCONFIG = "no_ifconfig"
    UNREADABLE_IFCONFIG = "unreadable_ifconfig"
    CONFIG_REFUSED = "config_refused"
    OTHER_MONO_SECURITY = "other_mono_security"
    OWN_NAME_UNRESOLVED = "own_name_unresolved"
    MISSING_WEB_CERTIFICATE = "missing_web_certificate"
    SAME_MACHINE = "same_machine"
    SHARED_FOLDER = "shared_folder"
    # found by a verification
    NOT_INSTALLED = "not_installed"
    WRONG_NAMESPACE = "wrong_namespace"
    OTHER_VERSION = "other_version"
    NOT_RUNNING = "not_running"
    SEVERAL_PROCESSES = "several_processes"
    NOT_IN_OVERLAY = "not_in_overlay"
    # on the manager's side
    CANCELLED = "cancelled"
    DEADLINE = "deadline"
    ROLLED_BACK = "rolled_back"
    PROTOCOL = "protocol"
    INTERNAL = "internal"


OUT_OF_REACH: Final = frozenset(
    {
        ErrorKind.UNRESOLVED,
        ErrorKind.REFUSED,
        ErrorKind.UNREACHABLE,
        ErrorKind.TIMEOUT,
        ErrorKind.SILENT,
        ErrorKind.NOT_SSH,
        ErrorKind.FORWARDING_REFUSED,
    }
)
"""The kinds for which nothing that speaks SSH answered: the host is down or can't be reached."""

FOUND_ON_HOST: Final = frozenset(
    {
        ErrorKind.DISK_FULL,
        ErrorKind.NOT_WRITABLE,
        ErrorKind.MISSING_RUNTIME,
        ErrorKind.UNFIT_RUNTIME,
        ErrorKind.MISSING_TOOL,
        ErrorKind.PORT_TAKEN,
        ErrorKind.START_FAILED,
        ErrorKind.STOP_FAILED,
        ErrorKind.WRONG_POOL,
        ErrorKind.UNSAFE_PATH,
        ErrorKind.BAD_BUNDLE,
        ErrorKind.BUSY,
        ErrorKind.FENCED,
        ErrorKind.NO_IFCONFIG,
        ErrorKind.UNREADABLE_IFCONFIG,
        ErrorKind.CONFIG_REFUSED,
        ErrorKind.OTHER_MONO_SECURITY,
        ErrorKind.OWN_NAME_UNRESOLVED,
        ErrorKind.MISSING_WEB_CERTIFICATE,
        ErrorKind.SAME_MACHINE,
        ErrorKind.SHARED_FOLDER,
        ErrorKind.NOT_INSTALLED,
        ErrorKind.WRONG_NAMESPACE,
        ErrorKind.OTHER_VERSION,
        ErrorKind.NOT_RUNNING,
        ErrorKind.SEVERAL_PROCESSES,
    }
)
"""The kinds that the agent may report, or that follow from its work;
they remain true even if the connection is cut right afterwards."""

_ADAPT: Final = (
    "let the pool adapt the package (`p2ppool package show`) and choose an install path not mounted noexec, "
    "or link /sbin/ifconfig to busybox there"
)

EXPLANATIONS: Final[Mapping[ErrorKind, tuple[str, str]]] = MappingProxyType(
    {
        ErrorKind.UNRESOLVED: ("its name has no address", "correct it in the hosts file"),
        ErrorKind.REFUSED: ("connection refused", "start sshd there or correct the port"),
        ErrorKind.UNREACHABLE: ("no route to the host", "check its network and address"),
        ErrorKind.TIMEOUT: (
            "no answer to the connection",
            "check that the host is up and that no firewall drops packets",
        ),
        ErrorKind.SILENT: (
            "it accepts the connection but sends nothing",
            "check its sshd, it may be overloaded or suspended",
        ),
        ErrorKind.NOT_SSH: ("what answers is not an SSH server", "correct the address or port"),
        ErrorKind.HANDSHAKE: (
            "no secure connection could be agreed on",
            "update sshd there or check what stands in between",
        ),
        ErrorKind.HOST_KEY_CHANGED: (
            "its host key is not the one pinned at first contact",
            "accept the new key if the host was reinstalled; otherwise somebody may be in between",
        ),
        ErrorKind.FORWARDING_REFUSED: (
            "it forwards no connections to this host",
            "allow it in its sshd_config (AllowTcpForwarding, PermitOpen) or reach the host another way",
        ),
        ErrorKind.AUTH_REFUSED: (
            "login refused",
            "add the pool's public key to the user's authorized_keys there, or correct the user",
        ),
        ErrorKind.CONNECTION_LOST: ("the connection broke", "try again once the host is stable"),
        ErrorKind.STALLED: (
            "the host went silent in the middle of a step",
            "check its load and network, then try again",
        ),
        ErrorKind.DISK_FULL: ("no space left on the host's disk", "make room there, then try again"),
        ErrorKind.NOT_WRITABLE: (
            "the install path can't be written",
            "choose another install path or correct its owner and permissions",
        ),
        ErrorKind.MISSING_RUNTIME: ("the runtime of the software is missing", "install it on the host"),
        ErrorKind.UNFIT_RUNTIME: (
            "the runtime that the pool brings along can't run there",
            "choose an install path not mounted noexec; hosts of another machine type need another pool",
        ),
        ErrorKind.MISSING_TOOL: ("a basic tool is missing", "install it on the host"),
        ErrorKind.PORT_TAKEN: (
            "a port of the node is taken",
            "stop the other program or give the pool other ports",
        ),
        ErrorKind.START_FAILED: ("the node did not stay up", "see its log on the host"),
        ErrorKind.STOP_FAILED: ("the node could not be stopped", "look for a hung process on the host"),
        ErrorKind.WRONG_POOL: (
            "the install path is not this pool's",
            "choose another install path or empty the folder",
        ),
        ErrorKind.UNSAFE_PATH: (
            "others could replace what is installed there",
            "take the right to write from them (chmod go-w), or choose an install path in the user's home",
        ),
        ErrorKind.BAD_BUNDLE: ("the bundle is corrupt", "build it again and retry"),
        ErrorKind.BUSY: ("another action is working in the folder", "try again when it has ended"),
        ErrorKind.FENCED: (
            "a newer action has taken over the pool",
            "look at the pool's latest action; another manager's pool needs `p2ppool pool take-over`",
        ),
        ErrorKind.NO_IFCONFIG: (
            "Brunet finds no ifconfig",
            _ADAPT,
        ),
        ErrorKind.UNREADABLE_IFCONFIG: (
            "Brunet can't read what ifconfig prints there, so its node finds no address and no ring forms",
            _ADAPT,
        ),
        ErrorKind.CONFIG_REFUSED: (
            "the node does not accept its config",
            "see its log on the host; another package may read the config differently",
        ),
        ErrorKind.OTHER_MONO_SECURITY: (
            "mono takes a Mono.Security.dll of the package for its own",
            "install mono 6.8 or newer there, or leave that file out of the package",
        ),
        ErrorKind.OWN_NAME_UNRESOLVED: (
            "the machine can't look up its own host name, which XML-RPC needs",
            "add the name to /etc/hosts there",
        ),
        ErrorKind.MISSING_WEB_CERTIFICATE: (
            "the node finds no certificates/webcert, which a GroupVPN client wants",
            "download config.zip again and unpack webcert into the folder certificates",
        ),
        ErrorKind.SAME_MACHINE: (
            "it is the same machine as another host of the pool",
            "take one of the two out of the hosts file",
        ),
        ErrorKind.SHARED_FOLDER: (
            "another host of the pool has the same install path, as in a shared home",
            "choose an install path on a disk of each host's own",
        ),
        ErrorKind.NOT_INSTALLED: (
            "the pool's software is not installed",
            "`p2ppool pool check` installs it",
        ),
        ErrorKind.WRONG_NAMESPACE: (
            "its node is in another namespace",
            "`p2ppool pool check` repairs it; find out who changed its node.config",
        ),
        ErrorKind.OTHER_VERSION: (
            "another version is installed",
            "`p2ppool pool check` installs the right one",
        ),
        ErrorKind.NOT_RUNNING: (
            "its node is not running",
            "`p2ppool pool check` starts it; see its log on the host",
        ),
        ErrorKind.SEVERAL_PROCESSES: (
            "more than one node process runs in the folder",
            "`p2ppool pool check` stops them and starts one",
        ),
        ErrorKind.NOT_IN_OVERLAY: (
            "its node runs but is not in the overlay",
            "check that nothing drops its packets to the other hosts, and see its log on the host",
        ),
        ErrorKind.CANCELLED: ("cancelled", "run the action again for this host"),
        ErrorKind.DEADLINE: ("the time for one host ran out", "try again, with a longer limit if it is slow"),
        ErrorKind.ROLLED_BACK: ("the upgrade was aborted, the previous version is back", "see its run"),
        ErrorKind.PROTOCOL: ("the host's answer makes no sense", "check what its shell prints at login"),
        ErrorKind.INTERNAL: ("an error inside the manager", "see the manager's log"),
    }
)
"""For each kind: what is wrong, and how to fix it."""


class HostFault(Exception):  # noqa: N818 - an Error in this project is for the user to fix; this is an outcome
    """Ends the work on one host and becomes its outcome."""

    def __init__(
        self, kind: ErrorKind, detail: str = "", facts: Mapping[str, str] | None = None, where: str = ""
    ) -> None:
        """Set the kind; `where` names the place of the fault if it is not the host itself."""
        what, repair = EXPLANATIONS[kind]
        detail = one_line(detail, _DETAIL_LIMIT)
        self.kind = kind
        self.detail = detail
        self.facts = facts or {}
        text = f"{what} ({detail}); {repair}" if detail else f"{what}; {repair}"
        super().__init__(f"{one_line(where, _DETAIL_LIMIT)}: {text}" if where else text)


@dataclass(frozen=True, slots=True)
class HostOutcome:
    """The outcome for one target."""

    target: Target
    error: ErrorKind | None
    message: str
    """One line: what is wrong and how to fix it. Empty if all went well."""
    step: str
    """The step it reached. Empty if it was never started."""
    seconds: float
    """From the first packet to the end."""
    host_key: str | None = None
    """The key learnt at first contact, to be pinned. None if one was pinned already, or none was seen."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """The facts that the agent reported; bounded in number and length."""
    jump_key: str | None = None
    """Likewise the key of its jump host."""

    @property
    def ok(self) -> bool:
        return self.error is None

    @property
    def started(self) -> bool:
        return self.step != ""
