"""What a worker says of itself, checked: it may be hostile."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Optional

MOST_PROBLEMS = 1000
LONGEST_NAME = 200


class WrongReport(Exception):
    """The report cannot be used; one sentence."""


class Problem(NamedTuple):
    """Something that is wrong with the worker, or with one device alone; sure when two looks in a row have found it."""

    text: str
    device: Optional[str]
    sure: bool


class Scope(NamedTuple):
    """The problems of one thing, and whether all of them are sure."""

    texts: tuple[str, ...]
    is_sure: bool


def read_report(body: bytes) -> tuple[Problem, ...]:
    """The problems in a report; raises WrongReport."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WrongReport("the report is not JSON") from error
    problems = given.get("problems") if isinstance(given, dict) else None
    if not isinstance(problems, list) or len(problems) > MOST_PROBLEMS:
        raise WrongReport(f"'problems' must be a list of at most {MOST_PROBLEMS}")
    return tuple(_problem(each) for each in problems)


def scope_of(problems: tuple[Problem, ...], device: Optional[str]) -> Scope:
    """What concerns one device, or the worker as a whole (None)."""
    own = [problem for problem in problems if problem.device == device]
    return Scope(tuple(each.text for each in own), all(each.sure for each in own))


def _problem(given: Any) -> Problem:
    is_right = (
        isinstance(given, dict)
        and isinstance(given.get("text"), str)
        and (given.get("device") is None or _is_name(given["device"]))
        and type(given.get("sure")) is bool
    )
    if not is_right:
        raise WrongReport("each of 'problems' must have 'text', 'device' and 'sure'")
    return Problem(given["text"], given["device"], given["sure"])


def _is_name(given: Any) -> bool:
    """Whether it can be a device's; no database takes NUL or half of a surrogate pair."""
    return isinstance(given, str) and given.isprintable() and len(given) <= LONGEST_NAME
