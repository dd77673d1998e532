"""What can be wrong with a worker that is alive: mounts, serial links, consoles, disks."""

from __future__ import annotations

import errno
import os
import re
import uuid
from typing import Any, Callable, NamedTuple, Optional, Sequence

import limited
from configuration import Board, Configuration, Disk

LOOK_SECONDS = 3
MOST_STUCK = 16
_LISTENING = "0A"
_GONE = (errno.ENOTCONN, errno.EIO, errno.ESTALE, errno.ECONNABORTED, errno.EHOSTDOWN)


class Sight(NamedTuple):
    """One thing that was looked at; `problem` is nothing when it is as it should be.

    `device` is the board that alone suffers from it; nothing when all boards of the worker do.
    """

    kind: str
    what: str
    problem: Optional[str] = None
    device: Optional[str] = None


class Mount(NamedTuple):
    """A line of /proc/self/mountinfo: the number of the mount, and its folder."""

    id: str
    point: str


Key = tuple[str, str, str]
Stuck = dict[Key, limited.Child]


def watcher(configuration: Configuration, alive: Callable[[], None]) -> Callable[[], list[Sight]]:
    """Looks at all that the configuration names; one that hangs costs LOOK_SECONDS, once."""
    stuck: Stuck = {}

    def look() -> list[Sight]:
        sights = []
        for path in configuration.mounts:
            alive()
            sights.append(_look_at_mount(path, stuck))
        for disk in configuration.disks:
            alive()
            sights.append(_look_at_disk(disk, stuck))
        ports = listening_ports(_read("/proc/net/tcp") + _read("/proc/net/tcp6"))
        for board in configuration.boards:
            sights.extend(look_at_board(board, ports, os.path.exists))
        return sights

    return look


def look_at_board(
    board: Board, ports: set[int], exists: Callable[[str], bool]
) -> list[Sight]:
    """The adapter of a board and its console, which comes and goes with the adapter.

    An adapter that has its power from the board is away whenever the board is off.
    """
    sights = []
    is_there = board.link is None or exists(board.link)
    if board.link is not None:
        is_missed = not is_there and not board.board_powered
        sights.append(
            Sight("serial", board.link, "is not there" if is_missed else None, board.name)
        )
    if board.port is not None and is_there:
        closed = f"does not listen on TCP port {board.port}"
        problem = None if board.port in ports else closed
        sights.append(Sight("console", board.name, problem, board.name))
    return sights


def problems_in(sights: Sequence[Sight]) -> list[str]:
    """The problems in words."""
    return [f"{sight.kind} {sight.what} {sight.problem}" for sight in sights if sight.problem]


def mount_of(path: str, mountinfo: str) -> Mount:
    """The mount that a path is on, the topmost where several are stacked; fields as in proc(5)."""
    best = Mount("", "")
    for line in mountinfo.splitlines():
        fields = line.split(" ")
        point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4])
        if is_below(path, point) and len(point) >= len(best.point):
            best = Mount(fields[0], point)
    return best


def is_below(path: str, folder: str) -> bool:
    """Whether a path is the folder or something in it."""
    return f"{path.rstrip('/')}/".startswith(f"{folder.rstrip('/')}/")


def listening_ports(sockets: str) -> set[int]:
    """The TCP ports that somebody listens on, in the text of /proc/net/tcp and tcp6."""
    rows = (line.split() for line in sockets.splitlines())
    return {
        int(row[1].rsplit(":", 1)[1], 16) for row in rows if len(row) > 3 and row[3] == _LISTENING
    }


def disk_problem(used_percent: float, disk: Disk) -> Optional[str]:
    """What to say of a file system of which so much is used."""
    if used_percent <= disk.max_used_percent:
        return None
    return f"is used by more than {disk.max_used_percent:g} %"


def _look_at_mount(path: str, stuck: Stuck) -> Sight:
    mount = mount_of(path, _read("/proc/self/mountinfo"))
    if mount.point.rstrip("/") != path.rstrip("/"):
        return Sight("mount", path, "is not mounted")
    return Sight("mount", path, _ask(("mount", path, mount.id), lambda: _touch(path), stuck))


def _look_at_disk(disk: Disk, stuck: Stuck) -> Sight:
    mount = mount_of(disk.path, _read("/proc/self/mountinfo"))
    key = ("disk", disk.path, mount.id)
    return Sight("disk", disk.path, _ask(key, lambda: _fullness(disk), stuck))


def _ask(key: Key, work: Callable[[], Any], stuck: Stuck) -> Optional[str]:
    """The problem that the work returns; no second child for a mount on which one hangs already."""
    for old in [old for old, child in stuck.items() if limited.is_over(child)]:
        limited.abandon(stuck.pop(old))
    if key in stuck or len(stuck) >= MOST_STUCK:
        return "does not answer"
    child = limited.start(work)
    try:
        problem = limited.answer_of(child, LOOK_SECONDS)
    except limited.TimedOut:
        stuck[key] = child
        return "does not answer"
    except limited.WorkFailed as error:
        problem = f"cannot be checked: {error}"
    limited.abandon(child)
    return problem


def _touch(path: str) -> Optional[str]:
    """Asks for a name that nobody has; known names are answered from a cache without the server."""
    try:
        os.lstat(os.path.join(path, f".lava-heartbeat-{uuid.uuid4().hex}"))
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in _GONE:
            return f"is dead: {error.strerror}"
        return f"cannot be read: {error.strerror}"
    return None


def _fullness(disk: Disk) -> Optional[str]:
    try:
        seen = os.statvfs(disk.path)
    except OSError as error:
        return f"cannot be measured: {error.strerror}"
    usable = seen.f_blocks - seen.f_bfree + seen.f_bavail
    return disk_problem(100 * (1 - seen.f_bavail / usable) if usable else 0, disk)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return ""
