"""The heartbeat of a classic worker: scheduler.worker_heartbeat, complete or minimal.

Nothing in that interface says whether the master has a row for this worker: it answers True and
makes one (lava_scheduler_app/api.py, update_heartbeat). So the complete payload, which fills the
whole row, is sent until it is accepted, again after each failure, since the master may have
lost its row meanwhile, and once a day. The host is described anew only once a day: that takes lshw.
"""

from __future__ import annotations

import json
from typing import Any, Callable, NamedTuple, Optional, Sequence

import payload
from watch import Sight
from way import Trouble

METHOD = "scheduler.worker_heartbeat"
TRIES = 3
PAUSE_AFTER_FAULT = 1
COMPLETE_EVERY = 24 * 3600


class Classic(NamedTuple):
    """What this kind of heartbeat needs of the world."""

    call: Callable[..., Any]
    minimal: Callable[[], dict[str, Any]]
    describe: Callable[[], dict[str, str]]
    now: Callable[[], float]
    sleep: Callable[[float], None]


def classic_reporter(
    world: Classic,
) -> Callable[[Sequence[Sight], Sequence[Sight]], tuple[str, bool]]:
    """Sends one heartbeat at each call and says in a word what it sent; raises Trouble.

    A classic master has no place for problems, so they settle nothing.
    """
    completed: Optional[float] = None
    described: Optional[float] = None
    about: dict[str, str] = {}

    def report(_sights: Sequence[Sight], _before: Sequence[Sight]) -> tuple[str, bool]:
        nonlocal completed, described, about
        began = world.now()
        is_complete = completed is None or began - completed >= COMPLETE_EVERY
        data = world.minimal()
        if is_complete:
            if described is None or began - described >= COMPLETE_EVERY:
                described, about = began, world.describe()
            data = payload.complete(data, about)
        try:
            _send(world, data)
        except Trouble:
            completed = None
            raise
        if is_complete:
            completed = began
        return "complete" if is_complete else "minimal", True

    return report


def _send(world: Classic, data: dict[str, Any]) -> None:
    """Three tries, as in lava_scheduler_daemon/worker.py: the next at once when no answer came,
    after a second when the answer was a fault; an HTTP error is not tried again.
    """
    for attempt in range(1, TRIES + 1):
        try:
            world.call(METHOD, json.dumps(data))
            return
        except Trouble as trouble:
            if attempt == TRIES or trouble.kind not in ("unreachable", "fault"):
                raise
            if trouble.kind == "fault":
                world.sleep(PAUSE_AFTER_FAULT)
