"""What a current worker's own ping cannot tell the master: that it is alive, but of no use."""

from __future__ import annotations

import json
import os
from typing import Any, Callable, NamedTuple, Optional

from maintenance import Memory, Worker, decide


class Current(NamedTuple):
    """What this kind of heartbeat needs of the world."""

    host: str
    call: Callable[..., Any]
    recall: Callable[[], Memory]
    remember: Callable[[Memory], None]
    say: Callable[[str], None]


def current_reporter(world: Current) -> Callable[[Optional[list[str]]], str]:
    """Puts the worker's health right at each call and says in a word what it is; raises Trouble.

    Nothing is decided while it is not sure yet what the problems are (None).
    """

    def report(problems: Optional[list[str]]) -> str:
        shown = world.call("scheduler.workers.show", world.host)
        worker = Worker(str(shown.get("health")), str(shown.get("description") or ""))
        if problems is None:
            return worker.health
        memory = world.recall()
        decision = decide(worker, problems, memory)
        if decision.before != memory:
            world.remember(decision.before)
        if decision.update is not None:
            world.call("scheduler.workers.update", world.host, *decision.update)
        if decision.after != decision.before:
            world.remember(decision.after)
        if decision.say is not None:
            world.say(decision.say)
        health = decision.update.health if decision.update else None
        return health.capitalize() if health else worker.health

    return report


def read_memory(path: str) -> Memory:
    """What an earlier run remembered; nothing when the file is missing or spoilt."""
    try:
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        return Memory(str(kept["step"]), tuple(str(each) for each in kept["overruled"]))
    except (OSError, ValueError, LookupError, TypeError):
        return Memory()


def write_memory(path: str, memory: Memory) -> None:
    """Keeps the memory, whole or not at all."""
    partial = f"{path}.new"
    with open(partial, "w", encoding="utf-8") as file:
        json.dump(memory._asdict(), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
