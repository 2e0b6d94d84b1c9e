"""Numbers of the system calls that are filtered, by machine type (`uname -m`)."""

from typing import Final

ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""What a filter finds as the architecture of a call (linux/audit.h)."""

_NAMES: Final = (
    # name, on x86_64 (None: it has none), on aarch64
    ("add_key", 248, 217),
    ("bpf", 321, 280),
    ("chmod", 90, None),
    ("chown", 92, None),
    ("clone", 56, 220),
    ("clone3", 435, 435),
    ("fchmod", 91, 52),
    ("fchmodat", 268, 53),
    ("fchmodat2", 452, 452),
    ("fchown", 93, 55),
    ("fchownat", 260, 54),
    ("fcntl", 72, 25),
    ("fsetxattr", 190, 7),
    ("futimesat", 261, None),
    ("io_uring_setup", 425, 425),
    ("ioprio_set", 251, 30),
    ("keyctl", 250, 219),
    ("kill", 62, 129),
    ("lchown", 94, None),
    ("lsetxattr", 189, 6),
    ("mq_open", 240, 180),
    ("msgget", 68, 186),
    ("open_by_handle_at", 304, 265),
    ("perf_event_open", 298, 241),
    ("pidfd_getfd", 438, 438),
    ("pidfd_send_signal", 424, 424),
    ("prlimit64", 302, 261),
    ("process_vm_readv", 310, 270),
    ("process_vm_writev", 311, 271),
    ("ptrace", 101, 117),
    ("request_key", 249, 218),
    ("rt_sigqueueinfo", 129, 138),
    ("rt_tgsigqueueinfo", 297, 240),
    ("sched_setaffinity", 203, 122),
    ("sched_setattr", 314, 274),
    ("sched_setparam", 142, 118),
    ("sched_setscheduler", 144, 119),
    ("semget", 64, 190),
    ("sendmmsg", 307, 269),
    ("sendmsg", 46, 211),
    ("sendto", 44, 206),
    ("setns", 308, 268),
    ("setpriority", 141, 140),
    ("setsid", 112, 157),
    ("setxattr", 188, 5),
    ("setxattrat", 463, 463),
    ("shmat", 30, 196),
    ("shmget", 29, 194),
    ("socket", 41, 198),
    ("socketpair", 53, 199),
    ("tgkill", 234, 131),
    ("tkill", 200, 130),
    ("truncate", 76, 45),
    ("unshare", 272, 97),
    ("userfaultfd", 323, 282),
    ("utime", 132, None),
    ("utimensat", 280, 88),
    ("utimes", 235, None),
)

NUMBERS: Final = {
    "x86_64": {name: number for name, number, _ in _NAMES},
    "aarch64": {name: number for name, _, number in _NAMES if number is not None},
}
"""The numbers by name, of each machine type for which there is a filter."""
