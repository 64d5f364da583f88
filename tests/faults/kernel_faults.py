"""Faults that the kernel itself gives: a system call refused, or a write cut short, in a process that is watched.

A seccomp filter hands the calls of a child that touch files to its parent (seccomp_unotify(2), Linux 5.6), which lets
each go on, answers it with an error, or writes a part of it and answers with how much that was. Nothing is mocked:
libraries written in C meet the fault where they would meet a full or failing disk.
"""

import ctypes
import errno
import fcntl
import os
import platform
import select
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WRITES = {
    "x86_64": {
        "write": 1, "pwrite64": 18, "writev": 20, "pwritev": 296, "fsync": 74, "fdatasync": 75, "ftruncate": 77,
        "fallocate": 285, "rename": 82, "renameat": 264, "renameat2": 316, "mkdir": 83, "mkdirat": 258, "link": 86,
        "linkat": 265, "unlink": 87, "unlinkat": 263, "open": 2, "openat": 257,
    },
    "aarch64": {
        "write": 64, "pwrite64": 68, "writev": 66, "pwritev": 70, "fsync": 82, "fdatasync": 83, "ftruncate": 46,
        "fallocate": 47, "renameat": 38, "renameat2": 276, "mkdirat": 34, "linkat": 37, "unlinkat": 35, "openat": 56,
    },
}  # fmt: skip
"""What changes a file, by machine; opening counts where it creates."""
READS = {"x86_64": {"read": 0, "pread64": 17}, "aarch64": {"read": 63, "pread64": 67}}
_ARCHITECTURES = {"x86_64": (0xC000003E, 317), "aarch64": (0xC00000B7, 277)}  # audit's number, and seccomp(2)'s
_CREATES = ("open", "openat")
_CUT = ("write", "pwrite64")

_PR_SET_NO_NEW_PRIVS, _SET_MODE_FILTER, _NEW_LISTENER = 38, 1, 8
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_LOAD, _EQUALS, _RETURN = 0x20, 0x15, 0x06
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_CONTINUE = 1
_PIDFD_GETFD = 438
_NOTIFICATION = struct.Struct("=QIIiIQ6Q")  # id, pid, flags, number, architecture, instruction, arguments
_ANSWER = struct.Struct("=QqiI")  # id, value, error, flags

NUMBERS = {**WRITES.get(platform.machine(), {}), **READS.get(platform.machine(), {})}
NAMES = {number: name for name, number in NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that the child is about to make, with its six arguments."""

    name: str
    arguments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """The answer to a write of which so many bytes are written."""

    size: int


Answer = int | Cut | None
"""An error number, a write that is cut short, or None: the call goes on."""


def available() -> bool:
    """Whether this kernel can watch a process."""
    return platform.system() == "Linux" and platform.machine() in _ARCHITECTURES and _watched(_let_go_on, _nothing)


def watched(judge: Callable[[Call], Answer], run: Callable[[Callable[[bool], None]], None]) -> int:
    """Run a function in a child, its calls judged while it asks for that, and return the child's wait status.

    The function gets one argument: called with True, its calls are judged from then on; with False, all go on.
    """
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            ours.close()
            listener = _filter(NUMBERS.values())
            socket.send_fds(theirs, [b"filter"], [listener])
            os.close(listener)

            def judged(on: bool) -> None:
                theirs.send(b"\1" if on else b"\0")
                theirs.recv(1)

            run(judged)
            code = 0
        finally:
            os._exit(code)
    theirs.close()
    try:
        _, descriptors, *_ = socket.recv_fds(ours, 16, 1)
        if descriptors:
            _answer(descriptors[0], ours, child, judge)
            os.close(descriptors[0])
    finally:
        ours.close()
        _, status = os.waitpid(child, 0)
    return status


def _watched(judge: Callable[[Call], Answer], run: Callable[[Callable[[bool], None]], None]) -> bool:
    return watched(judge, run) == 0


def _nothing(judged: Callable[[bool], None]) -> None:
    judged(True)
    os.close(os.open(os.devnull, os.O_RDONLY))


def _filter(numbers) -> int:
    """Put this thread under a filter for good; returns what its calls are answered through."""
    architecture, seccomp = _ARCHITECTURES[platform.machine()]
    numbers = list(numbers)
    code = [(_LOAD, 0, 0, 4), (_EQUALS, 1, 0, architecture), (_RETURN, 0, 0, _ALLOW), (_LOAD, 0, 0, 0)]
    code += [(_EQUALS, len(numbers) - at, 0, number) for at, number in enumerate(numbers)]
    code += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _NOTIFY)]
    packed = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in code))
    program = struct.pack("@HP", len(code), ctypes.addressof(packed))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    listener = libc.syscall(seccomp, _SET_MODE_FILTER, _NEW_LISTENER, ctypes.create_string_buffer(program))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener


def _answer(listener: int, control: socket.socket, child: int, judge: Callable[[Call], Answer]) -> None:
    """Answer the child's calls until it ends; calls of its own children go on."""
    judging = False
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    poll.register(control, select.POLLIN)
    while True:
        for descriptor, event in poll.poll():
            if descriptor == control.fileno():
                said = control.recv(1)
                if not said:
                    return
                judging = said == b"\1"
                control.send(b".")
            elif event & select.POLLIN:
                with _unless_gone():
                    _answer_one(listener, child, judge if judging else _let_go_on)
            else:
                return


def _answer_one(listener: int, child: int, judge: Callable[[Call], Answer]) -> None:
    notification = bytearray(_NOTIFICATION.size)
    fcntl.ioctl(listener, _RECEIVE, notification)
    at, pid, _, number, _, _, *arguments = _NOTIFICATION.unpack(notification)
    name, answer = NAMES[number], None
    if pid == child and not _only_opens(pid, name, arguments):
        answer = judge(Call(name, tuple(arguments)))
    value, error = _carried_out(pid, name, arguments, answer)
    fcntl.ioctl(listener, _SEND, bytearray(_ANSWER.pack(at, value, error, _CONTINUE if answer is None else 0)))


def _let_go_on(_: Call) -> None:
    return None


@contextmanager
def _unless_gone() -> Iterator[None]:
    """A caller that was killed meanwhile needs no answer."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EINTR):
            raise


def _only_opens(pid: int, name: str, arguments: list[int]) -> bool:
    """Whether it opens a file that is there already: a full disk does not refuse that."""
    if name not in _CREATES:
        return False
    path, flags = arguments[name == "openat" :][:2]
    return not flags & os.O_CREAT or (Path(f"/proc/{pid}/cwd") / _text(pid, path)).exists()


def _text(pid: int, address: int) -> str:
    return _memory(pid, address, 4096).partition(b"\0")[0].decode(errors="surrogateescape")


def _memory(pid: int, address: int, size: int) -> bytes:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(size)


def _carried_out(pid: int, name: str, arguments: list[int], answer: Answer) -> tuple[int, int]:
    """The value and the error that a call is answered with; a write that is cut short is made from here."""
    if not isinstance(answer, Cut):
        return 0, -(answer or 0)
    assert name in _CUT
    descriptor, address, size, offset, *_ = arguments
    data = _memory(pid, address, min(answer.size, size))
    with _same_file(pid, descriptor) as target:
        return (os.pwrite(target, data, offset) if name == "pwrite64" else os.write(target, data)), 0


@contextmanager
def _same_file(pid: int, descriptor: int) -> Iterator[int]:
    """The child's own open file, with the offset that it has there."""
    process = os.pidfd_open(pid)
    target = ctypes.CDLL(None, use_errno=True).syscall(_PIDFD_GETFD, process, descriptor, 0)
    os.close(process)
    if target < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    try:
        yield target
    finally:
        os.close(target)
