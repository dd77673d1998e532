"""Work that may hang, done in a child process with a time limit.

Looking up a name cannot be interrupted, a slow answer never trips a socket's time-out, and a
process that looks at a dead FUSE mount cannot even be killed. So nothing of that kind is done, or
waited for, by the process that feeds the watchdog.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from typing import Any, Callable, NamedTuple


class TimedOut(Exception):
    """There was no answer within the limit."""


class WorkFailed(Exception):
    """The work raised something; this is its text."""


class CannotStart(Exception):
    """No process can be started, so nothing can be looked at or reported any more; this is the reason."""


class Child(NamedTuple):
    """A process that does a piece of work, and the pipe on which its answer will come."""

    pid: int
    answer: int


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """What the work returns (anything JSON can carry); the child is killed when it takes longer."""
    child = start(work)
    try:
        return answer_of(child, seconds)
    finally:
        abandon(child)


def start(work: Callable[[], Any]) -> Child:
    """Starts the work and does not wait; raises CannotStart where the system has no process left."""
    try:
        reader, writer = os.pipe()
    except OSError as error:
        raise CannotStart(error.strerror) from error
    try:
        pid = os.fork()
    except OSError as error:
        os.close(reader)
        os.close(writer)
        raise CannotStart(error.strerror) from error
    if pid == 0:
        _do(work, writer)
    os.close(writer)
    return Child(pid, reader)


def answer_of(child: Child, seconds: float) -> Any:
    """Waits for the answer; raises TimedOut, while the child goes on, when it does not come."""
    end = time.monotonic() + seconds
    message = b""
    poll = select.poll()
    poll.register(child.answer, select.POLLIN)
    while True:
        left = end - time.monotonic()
        if not poll.poll(max(0, left * 1000)):
            raise TimedOut(f"no answer within {seconds:g} s")
        part = os.read(child.answer, 65536)
        if not part:
            return _read(message)
        message += part


def abandon(child: Child) -> None:
    """Kills the child and forgets it; never waits for its end, which may not come."""
    os.close(child.answer)
    for kill in (os.killpg, os.kill):
        try:
            kill(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    try:
        os.waitpid(child.pid, os.WNOHANG)
    except ChildProcessError:
        pass


def is_over(child: Child) -> bool:
    """Whether the child has answered or is gone."""
    poll = select.poll()
    poll.register(child.answer, select.POLLIN)
    return bool(poll.poll(0))


def _do(work: Callable[[], Any], writer: int) -> None:
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        try:
            message = {"value": work()}
        except BaseException as error:
            message = {"error": str(error) or type(error).__name__}
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(message, default=str).encode())
    finally:
        os._exit(0)


def _read(message: bytes) -> Any:
    if not message:
        raise WorkFailed("the process that did the work died")
    outcome = json.loads(message)
    if "error" in outcome:
        raise WorkFailed(outcome["error"])
    return outcome["value"]
