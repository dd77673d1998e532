"""Whether jobs should be kept away from a worker or a device; pure.

LAVA's own log is all the memory there is: what was done is in its entries, so nothing is forgotten
when the receiver or the master is set up anew, and an admin sees and overrules it where he looks anyway.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Sequence

OURS = "(lava-heartbeat: "
FIXED = "fixed"
LONGEST_REASON = 300
_ENTRY = re.compile(r"^(\w+) → (\w+)(?: \((.*)\))?", re.DOTALL)
_UNSAFE = re.compile(r"[^A-Za-z0-9_ ./:%@,+=-]")


class Thing(NamedTuple):
    """A worker or a device as LAVA has it.

    `in_service` are the healths in which it gets jobs, and `history` is LAVA's log of its health, newest
    first: `Good → Maintenance (reason)`. While a job is on it (`is_busy`) it is not taken out of service.
    `was_just_set` when its health was set by us a moment ago: LAVA 2023.01 answers a ping with all fields of the
    worker as it has read them, without a lock (lava_scheduler_app/views.py, internal_v1_workers), and may so write
    the health of before over ours.
    """

    health: str
    in_service: Sequence[str]
    history: Sequence[str]
    is_busy: bool = False
    was_just_set: bool = False


class Verdict(NamedTuple):
    """The health that it should have, and what LAVA's log is to say."""

    health: str
    entry: str


def reason_of(problems: Sequence[str]) -> str:
    """The problems in words that may stand in LAVA's log, whose pages show entries as HTML.

    The texts come from a worker that may be hostile. Parentheses and arrows are what entries are told apart by.
    """
    return "; ".join(_UNSAFE.sub("?", problem) for problem in sorted(problems))[:LONGEST_REASON]


def judge(thing: Thing, problems: Sequence[str]) -> Optional[Verdict]:
    """What follows from the problems; nothing when all stays as it is.

    A health that somebody else has set stays: Maintenance, and also being in service in spite of a
    problem, until it was fixed or there is another one.
    """
    reason = reason_of(problems)
    own = next((entry for entry in thing.history if OURS in entry), "")
    is_out = is_out_by_us(own)
    last = thing.history[0] if thing.history else ""
    is_written_over = thing.was_just_set and last == own
    if thing.health in thing.in_service:
        if not problems:
            return _entry(thing.health, thing.health, FIXED) if is_out else None
        is_overruled = is_out and _parts(reason) <= _parts(_reason(own)) and not is_written_over
        if thing.is_busy or is_overruled:
            return None
        return _entry(thing.health, "Maintenance", reason)
    if is_written_over and not is_out and thing.health == "Maintenance" and not problems:
        return _entry("Maintenance", _before(thing), FIXED)
    if thing.health != "Maintenance" or last != own or not is_out:
        return None
    if not problems:
        return _entry("Maintenance", _before(thing), FIXED)
    return None if _reason(own) == reason else _entry("Maintenance", "Maintenance", reason)


def is_out_by_us(entry: str) -> bool:
    """Whether an entry of LAVA's log is ours and takes something out of service."""
    match = _ENTRY.match(entry)
    return OURS in entry and match is not None and match[2] == "Maintenance"


def _entry(now: str, wanted: str, reason: str) -> Verdict:
    return Verdict(wanted, f"{now} → {wanted} {OURS}{reason})")


def _before(thing: Thing) -> str:
    """The health from which we have taken it, which may be some entries back."""
    for entry in thing.history:
        match = _ENTRY.match(entry)
        if match and match[1] in thing.in_service:
            return match[1]
    return thing.in_service[0]


def _parts(reason: str) -> set[str]:
    return set(reason.split("; "))


def _reason(entry: str) -> str:
    _, _, rest = entry.partition(OURS)
    return rest[:-1] if rest.endswith(")") else rest
