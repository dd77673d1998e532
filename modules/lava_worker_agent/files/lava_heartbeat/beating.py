"""When to report: every HEARTBEAT_TIMEOUT seconds, sooner after a failure."""

from __future__ import annotations

from typing import Callable, NamedTuple, Sequence

from status import Status
from watch import Sight, problems_in
from way import Trouble
from worker_conf import Period

RETRY_SECONDS = 20


class World(NamedTuple):
    """What the loop needs: clocks, what to do at a beat, and whom to tell.

    `report` is given what was seen and what was seen before, and gives in a word what it sent, and
    whether all is settled.
    """

    now: Callable[[], float]
    wall: Callable[[], float]
    sleep: Callable[[float], None]
    tick: float
    period: Callable[[], Period]
    look: Callable[[], list[Sight]]
    report: Callable[[Sequence[Sight], Sequence[Sight]], tuple[str, bool]]
    publish: Callable[[Status], None]
    alive: Callable[[], None]
    say: Callable[[str], None]
    warn: Callable[[str], None]


def beat_for_ever(world: World, status: Status) -> None:
    """Reports, sleeps and reports again.

    The period is read afresh at every tick, so that a shorter one holds at once. What is not settled
    with a report is looked at again soon.
    """
    last_try = None
    is_settled = True
    published = None
    while True:
        world.alive()
        status = _with_period(world, status)
        if last_try is None or world.now() >= last_try + _wait(status, is_settled):
            last_try = world.now()
            status, is_settled = _beat(world, status)
        status = status._replace(next_try=(status.last_try or 0) + _wait(status, is_settled))
        if status != published:
            world.publish(status)
            published = status
        world.sleep(min(world.tick, max(0.0, last_try + _wait(status, is_settled) - world.now())))


def _wait(status: Status, is_settled: bool) -> float:
    if status.failures_in_a_row == 0 and is_settled:
        return status.period
    return min(status.period, RETRY_SECONDS)


def _with_period(world: World, status: Status) -> Status:
    seconds, complaint = world.period()
    if complaint is not None and complaint != status.period_complaint:
        world.warn(f"{complaint}; reporting every {seconds} s")
    return status._replace(period=seconds, period_complaint=complaint)


def _beat(world: World, status: Status) -> tuple[Status, bool]:
    tried = status._replace(last_try=world.wall())
    try:
        tried = tried._replace(sights=tuple(world.look()))
        _tell_of_problems(world, status, tried)
        report, is_settled = world.report(tried.sights, status.sights)
    except (Trouble, OSError) as error:
        return _failed(world, tried, str(error)), False
    if tried.failures_in_a_row > 0:
        world.say(f"the master accepted the heartbeat, after {tried.failures_in_a_row} failures")
    elif tried.last_success is None:
        world.say(f"the master at {tried.url} accepted the first heartbeat ({report})")
    taken = tried._replace(
        last_success=world.wall(),
        last_report=report,
        failures_in_a_row=0,
        succeeded=tried.succeeded + 1,
    )
    return taken, is_settled


def _failed(world: World, tried: Status, message: str) -> Status:
    if tried.failures_in_a_row == 0 or message != tried.last_error:
        world.warn(f"heartbeat failed, trying again soon: {message}")
    return tried._replace(
        last_error=message,
        last_error_time=world.wall(),
        failures_in_a_row=tried.failures_in_a_row + 1,
        failed=tried.failed + 1,
    )


def _tell_of_problems(world: World, before: Status, after: Status) -> None:
    was, now = problems_in(before.sights), problems_in(after.sights)
    for problem in now:
        if problem not in was:
            world.warn(problem)
    for problem in was:
        if problem not in now:
            world.say(f"no longer: {problem}")
