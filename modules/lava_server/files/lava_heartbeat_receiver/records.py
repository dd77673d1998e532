"""A report carried out in LAVA's database, by LAVA's own models (2023.01 to 2026.10)."""

from __future__ import annotations

import logging
import os
import time
from typing import Any, Iterable, Mapping

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lava_server.settings.prod")

import django

django.setup()

from django.db import close_old_connections, transaction
from lava_scheduler_app import models

from judgement import OURS, Thing, is_out_by_us, judge
from report import Problem, scope_of

Device, Worker = models.Device, models.Worker

LONGEST_HISTORY = 50
WORKER_WORDS = r"→ (Active|Maintenance|Retired)"
DEVICE_WORDS = r"→ (Good|Unknown|Looping|Bad|Maintenance|Retired)"

# Of workers and devices, whether the newest of our entries in LAVA's log takes it out of service. Nobody else makes
# such entries but a takeover from release 0.1, of workers; what a transaction has not brought to LAVA is not remembered.
OUT_BY_US: dict[tuple[type, str], bool] = {}

# When we have set the health of workers and devices, by the clock of the machine.
SET_AT: dict[tuple[type, str], float] = {}

# Longer than from one report to the next while something is not settled.
JUST_NOW_SECONDS = 90

LOG = logging.getLogger("lava-heartbeat-receiver")


def apply_report(name: str, problems: tuple[Problem, ...]) -> Mapping[str, Any]:
    """Puts the health of a worker and of its devices right; raises LookupError for a worker LAVA lacks.

    `settled` is False while something is not sure yet, waits for a job to end, or was set just now and may be written over.
    """
    close_old_connections()
    try:
        with transaction.atomic():
            return _applied(name, problems)
    finally:
        close_old_connections()


def _applied(name: str, problems: tuple[Problem, ...]) -> Mapping[str, Any]:
    worker = Worker.objects.select_for_update().filter(hostname=name).first()
    if worker is None:
        raise LookupError(name)
    changes: list[str] = []
    is_settled = True
    is_quiet = worker.health == Worker.HEALTH_ACTIVE and not _is_out(worker)
    if not is_quiet or any(problem.device is None for problem in problems):
        is_settled = _put_right(worker, problems, None, changes)
    for device in _devices(worker, problems):
        is_settled = _put_right(device, problems, device.hostname, changes) and is_settled
    return {"health": worker.get_health_display(), "changes": changes, "settled": is_settled}


def _devices(worker: Any, problems: tuple[Problem, ...]) -> Iterable[Any]:
    """The worker's own devices that have a problem, or that we have taken out of service."""
    named = {problem.device for problem in problems if problem.device is not None}
    out = {device.hostname for device in worker.device_set.all() if _is_out(device) or _was_just_set(device)}
    devices = worker.device_set.select_for_update().order_by("hostname")
    return list(devices.filter(hostname__in=named | out))


def _is_out(thing: Any) -> bool:
    """Looked up once, because LAVA's log may be long; by device alone, because one may move to another worker."""
    key = (type(thing), thing.hostname)
    if key not in OUT_BY_US:
        ours = _log_of(thing).filter(change_message__contains=OURS).order_by("-action_time", "-id").first()
        OUT_BY_US[key] = ours is not None and is_out_by_us(ours.change_message)
    return OUT_BY_US[key]


def _put_right(thing: Any, problems: tuple[Problem, ...], device: Any, changes: list[str]) -> bool:
    scope = scope_of(problems, device)
    if not scope.is_sure:
        return False
    seen = _seen(thing)
    verdict = judge(seen, scope.texts)
    if verdict is None:
        return not (seen.is_busy and scope.texts and seen.health in seen.in_service)
    thing.log_admin_entry(None, verdict.entry)
    if verdict.health != seen.health:
        thing.health = {word: number for number, word in thing.HEALTH_CHOICES}[verdict.health]
        thing.save(update_fields=["health"])
    transaction.on_commit(lambda: _remember(thing, verdict.health))
    line = f"{thing.hostname}: {verdict.entry}"
    LOG.info(line)
    changes.append(line)
    return verdict.health == seen.health


def _remember(thing: Any, health: str) -> None:
    key = (type(thing), thing.hostname)
    OUT_BY_US[key] = health == "Maintenance"
    SET_AT[key] = time.monotonic()


def _was_just_set(thing: Any) -> bool:
    set_at = SET_AT.get((type(thing), thing.hostname))
    return set_at is not None and time.monotonic() - set_at < JUST_NOW_SECONDS


def _seen(thing: Any) -> Thing:
    health = thing.get_health_display()
    history = _history(thing)
    if isinstance(thing, Worker):
        return Thing(health, ("Active",), history, was_just_set=_was_just_set(thing))
    is_busy = thing.state != Device.STATE_IDLE
    return Thing(health, ("Good", "Unknown"), history, is_busy, _was_just_set(thing))


def _history(thing: Any) -> list[str]:
    is_worker = isinstance(thing, Worker)
    entries = _log_of(thing).filter(
        change_message__regex=WORKER_WORDS if is_worker else DEVICE_WORDS
    )
    return list(entries.order_by("-action_time", "-id").values_list("change_message", flat=True)[:LONGEST_HISTORY])


def _log_of(thing: Any) -> Any:
    """LAVA's log has tables of its own since 2026.10, and was Django's before (migration 0071_lava_log_entry)."""
    if hasattr(models, "LavaLogEntryWorker"):
        if isinstance(thing, Worker):
            return models.LavaLogEntryWorker.objects.filter(worker=thing)
        return models.LavaLogEntryDevice.objects.filter(device=thing)
    from django.contrib.admin.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    return LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(type(thing)), object_id=thing.pk
    )
