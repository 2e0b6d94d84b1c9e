"""A filter of system calls (seccomp), for what Landlock leaves open.

Landlock knows no Unix sockets with a name in a folder, by which a session's systemd, Docker, PostgreSQL or an
SSH agent would act for whoever asks; it lets the modes and owners of files be changed, and TCP be spoken in
other ways. Nor does it know of times of files, and how soon processes have their turn. A program that meets
the filter gets "operation not permitted".
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from p2ppool.confinement.syscalls import ARCHITECTURES, NUMBERS

# Instructions of the filter's machine (linux/filter.h), and where it finds its data (linux/seccomp.h).
_LOAD, _IF_EQUAL, _IF_BITS, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ALLOW: Final = 0x7FFF0000
_FAIL: Final = 0x00050000
_X32: Final = 0x40000000  # calls of another kind, on x86_64

_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2

_IPV4, _IPV6, _NETLINK, _STREAM = 2, 10, 16, 1
_TCP, _UDP = 6, 17
_STREAM_FLAGS = (
    _STREAM,
    _STREAM | os.O_CLOEXEC,
    _STREAM | os.O_NONBLOCK,
    _STREAM | os.O_CLOEXEC | os.O_NONBLOCK,
)
_FAST_OPEN: Final = 0x20000000  # connects without connect(2)
_NEW_NAMESPACES: Final = 0x7E020000
_SET_OWNER: Final = (8, 15)  # F_SETOWN, F_SETOWN_EX: who gets a signal when a file is ready
_REFUSED: Final = (
    *("add_key", "bpf", "io_uring_setup", "keyctl", "open_by_handle_at", "perf_event_open", "request_key"),
    *("chown", "fchown", "fchownat", "lchown"),
    *("fsetxattr", "lsetxattr", "setxattr", "setxattrat", "truncate"),
    *("mq_open", "msgget", "semget", "shmat", "shmget"),
    *("pidfd_getfd", "process_vm_readv", "process_vm_writev", "ptrace"),
    *("setns", "unshare", "userfaultfd"),
)
_PRETENDED: Final = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2"),
    *("futimesat", "utime", "utimensat", "utimes"),
    *("ioprio_set", "setsid"),
)
"""Calls that succeed and do nothing: many programs set mode and time of what they write, and would end.

By its session all of a node is found and stopped, whatever else it does to hide (fleet/agent/script/node.sh).
"""
_OF_MYSELF: Final = ("sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler")
"""Calls whose first argument is a process or a thread; for 0, the caller itself, they do what they should.

For others they are pretended, too: runtimes call them for their own threads by number.
"""

_SIGNALS_TO_ANYBODY: Final = ("pidfd_send_signal", "tkill")
_SIGNALS: Final = ("kill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tgkill")


@dataclass(frozen=True)
class Rule:
    """A call that fails: always, or unless an argument is in `only`, or if it is in `never` or has `bits`."""

    call: str
    argument: int | None = None
    only: tuple[int, ...] = ()
    never: tuple[int, ...] = ()
    bits: int = 0
    code: int = errno.EPERM


def rules(pid: int | None) -> Iterator[Rule]:
    """Yield all rules.

    With a `pid`, signals go to that process alone, for kernels whose Landlock leaves them open.
    """
    yield from (Rule(call) for call in _REFUSED)
    yield from (Rule(call, code=0) for call in _PRETENDED)
    yield Rule("clone", 0, bits=_NEW_NAMESPACES)
    yield Rule("clone3", code=errno.ENOSYS)  # its flags can't be seen; the C library then takes clone
    yield Rule("socket", 0, only=(_IPV4, _IPV6, _NETLINK))
    yield Rule("socket", 2, only=(0, _TCP, _UDP))
    yield Rule("socketpair", 1, only=_STREAM_FLAGS)  # others can be sent to any Unix socket
    yield from (
        Rule(call, at, bits=_FAST_OPEN) for call, at in (("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3))
    )
    yield Rule("prlimit64", 0, only=(0,))  # of other processes: a limit can end them
    yield Rule("setpriority", 0, only=(0,))  # of all processes of the user
    yield Rule("setpriority", 1, only=(0,), code=0)
    yield from (Rule(call, 0, only=(0,), code=0) for call in _OF_MYSELF)
    if pid is not None:
        yield from (Rule(call) for call in _SIGNALS_TO_ANYBODY)
        yield from (Rule(call, 0, only=(0, pid)) for call in _SIGNALS)
        yield Rule("fcntl", 1, never=_SET_OWNER)


def is_known(machine: str) -> bool:
    """Return whether there is a filter for that machine type."""
    return machine in NUMBERS


def install(machine: str, pid: int | None) -> None:
    """Filter the calls of this process from now on; it must have given up new privileges before.

    Raises:
        OSError: the kernel has no filters.
    """
    code = b"".join(program(machine, list(rules(pid))))
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("=HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), header, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, f"system call filter: {os.strerror(number)}")


def program(machine: str, wanted: Sequence[Rule]) -> Iterator[bytes]:
    """Yield the instructions of the filter."""
    yield _instruction(_LOAD, _ARCHITECTURE)
    yield _instruction(_IF_EQUAL, ARCHITECTURES[machine], then=1)
    yield _fail(errno.EPERM)
    if machine == "x86_64":
        yield _instruction(_LOAD, _NUMBER)
        yield _instruction(_IF_AT_LEAST, _X32, otherwise=1)
        yield _fail(errno.EPERM)
    for rule in wanted:
        number = NUMBERS[machine].get(rule.call)
        if number is not None:
            yield from _block(number, rule)
    yield _instruction(_RETURN, _ALLOW)


def _block(number: int, rule: Rule) -> Iterator[bytes]:
    checks = list(_checks(rule))
    yield _instruction(_LOAD, _NUMBER)
    yield _instruction(_IF_EQUAL, number, otherwise=len(checks) + 1)
    yield from checks
    yield _fail(rule.code)


def _checks(rule: Rule) -> Iterator[bytes]:
    """Yield what comes between the call's number and its failure: jumps beyond it."""
    if rule.argument is None:
        return
    # The kernel takes these arguments as 32 bits; of the filter's 64, the lower ones come first.
    yield _instruction(_LOAD, _ARGUMENTS + 8 * rule.argument)
    if rule.bits:
        yield _instruction(_IF_BITS, rule.bits, otherwise=1)
    for left, value in zip(reversed(range(len(rule.only))), rule.only, strict=True):
        yield _instruction(_IF_EQUAL, value, then=left + 1)
    for left, value in zip(reversed(range(len(rule.never))), rule.never, strict=True):
        yield _instruction(_IF_EQUAL, value, then=left, otherwise=0 if left else 1)


def _fail(code: int) -> bytes:
    return _instruction(_RETURN, _FAIL | code)


def _instruction(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)
