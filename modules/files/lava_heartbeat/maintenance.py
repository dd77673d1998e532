"""Whether the master should keep jobs away from this worker; pure."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

LONGEST_REASON = 300
_MARK = re.compile(r" ?\[lava-heartbeat: [^\]]*\]")


class Worker(NamedTuple):
    """The worker as `scheduler.workers.show` describes it."""

    health: str
    description: str


class Memory(NamedTuple):
    """What was done so far; `step` is none, wanted (the call may have been lost) or set."""

    step: str = "none"
    overruled: tuple[str, ...] = ()


class Update(NamedTuple):
    """The arguments of `scheduler.workers.update` after the name; None: as it is."""

    description: Optional[str]
    health: Optional[str]


class Decision(NamedTuple):
    """What to change on the master, what to remember before and after, what to tell."""

    before: Memory
    after: Memory
    update: Optional[Update] = None
    say: Optional[str] = None


def decide(worker: Worker, problems: list[str], memory: Memory) -> Decision:
    """What follows from the worker's health and the problems found on it.

    A health that somebody else set stays: Maintenance and Retired, and also Active in spite of
    a problem, until there is another problem. That we set it is known by our memory and, because an
    admin may have taken over, by our mark in the description.
    """
    is_ours = memory.step != "none" and _MARK.search(worker.description) is not None
    if worker.health == "Retired":
        return _leave(Memory())
    if worker.health == "Active":
        return _while_active(worker, problems, memory)
    if not is_ours:
        return _leave(Memory())
    if not problems:
        update = Update(_MARK.sub("", worker.description), "ACTIVE")
        return Decision(memory, Memory(), update, "Active again: all problems are mended")
    described = _marked(worker.description, problems)
    ours = Memory("set")
    if described == worker.description:
        return _leave(ours)
    say = f"still Maintenance: {'; '.join(problems)}"
    return Decision(ours, ours, Update(described, None), say)


def _while_active(worker: Worker, problems: list[str], memory: Memory) -> Decision:
    plain = _MARK.sub("", worker.description)
    unmark = Update(plain, None) if plain != worker.description else None
    if not problems:
        return Decision(memory, Memory(), unmark)
    if memory.step == "set":
        overruled = Memory(overruled=tuple(sorted(problems)))
        say = "left Active, as somebody set it so in spite of the problem"
        return Decision(memory, overruled, unmark, say)
    if set(problems) <= set(memory.overruled):
        return _leave(memory)
    update = Update(_marked(worker.description, problems), "MAINTENANCE")
    return Decision(Memory("wanted"), Memory("set"), update, f"Maintenance: {'; '.join(problems)}")


def _leave(memory: Memory) -> Decision:
    return Decision(memory, memory)


def _marked(description: str, problems: list[str]) -> str:
    reason = "; ".join(problems).replace("[", "(").replace("]", ")")[:LONGEST_REASON]
    plain = _MARK.sub("", description)
    return f"{plain}{' ' if plain else ''}[lava-heartbeat: {reason}]"
