"""Which devices are looked at for a report, with a LAVA in memory."""

import re
import sys
import types
import unittest
from contextlib import contextmanager

from report import Problem

LOST = (Problem("serial /dev/lava/a is not there", "a", True),)


class Rows(list):
    """As much of Django's query sets as records.py takes."""

    def all(self):
        return self

    def select_for_update(self):
        return self

    def filter(self, **conditions):
        return Rows(row for row in self if all(holds(row, *each) for each in conditions.items()))

    def order_by(self, field, *_):
        return Rows(sorted(self, key=lambda row: getattr(row, field.lstrip("-")), reverse=field[0] == "-"))

    def first(self):
        return self[0] if self else None

    def values_list(self, field, flat):
        return [getattr(row, field) for row in self]


def holds(row, condition, value):
    field, _, how = condition.partition("__")
    found = getattr(row, field)
    if how == "in":
        return found in value
    if how == "contains":
        return value in found
    if how == "regex":
        return re.search(value, found) is not None
    return found == value


class Thing:
    """A worker or a device."""

    objects = Rows()
    STATE_IDLE = 0

    def __init__(self, hostname, health, worker_host=None):
        self.hostname = hostname
        self.health = health
        self.worker_host = worker_host
        self.state = 0
        self.objects.append(self)

    @property
    def device_set(self):
        return Device.objects.filter(worker_host=self)

    def get_health_display(self):
        return dict(self.HEALTH_CHOICES)[self.health]

    def log_admin_entry(self, _, text):
        entries = Entry.entries
        entries.append(Entry(thing=self, change_message=text, action_time=len(entries)))

    def save(self, update_fields):
        if self.hostname in FAILING:
            raise OSError("the database is gone")


class Worker(Thing):
    HEALTH_ACTIVE = 0
    HEALTH_CHOICES = ((0, "Active"), (1, "Maintenance"), (2, "Retired"))
    objects = Rows()


class Device(Thing):
    HEALTH_CHOICES = ((0, "Good"), (1, "Unknown"), (4, "Maintenance"))
    objects = Rows()


class Entry(types.SimpleNamespace):
    entries = Rows()


class Log:
    """One of the tables of LAVA's log."""

    @property
    def objects(self):
        return self

    def filter(self, **thing):
        (it,) = thing.values()
        return Entry.entries.filter(thing=it)


FAILING = set()
COMMITTED = []


@contextmanager
def atomic():
    """What a transaction that fails has changed is as it was."""
    before = [(thing, thing.health) for thing in [*Worker.objects, *Device.objects]]
    length = len(Entry.entries)
    COMMITTED.clear()
    try:
        yield
    except OSError:
        for thing, health in before:
            thing.health = health
        del Entry.entries[length:]
        raise
    for work in COMMITTED:
        work()


def lava():
    """The modules that records.py imports."""
    models = types.SimpleNamespace(
        Worker=Worker, Device=Device, LavaLogEntryWorker=Log(), LavaLogEntryDevice=Log()
    )
    transaction = types.SimpleNamespace(atomic=atomic, on_commit=COMMITTED.append)
    return {
        "django": types.SimpleNamespace(setup=lambda: None),
        "django.db": types.SimpleNamespace(close_old_connections=lambda: None, transaction=transaction),
        "lava_scheduler_app": types.SimpleNamespace(models=models),
    }


class Records(unittest.TestCase):
    def setUp(self):
        for rows in (Worker.objects, Device.objects, Entry.entries):
            rows.clear()
        FAILING.clear()
        given = lava()
        sys.modules.update(given)
        self.addCleanup(lambda: [sys.modules.pop(name, None) for name in [*given, "records"]])
        sys.modules.pop("records", None)
        import records

        self.records, self.report = records, records.apply_report
        self.one, self.two = Worker("w1", 0), Worker("w2", 0)
        self.device = Device("a", 0, self.one)

    def test_a_device_is_taken_out_and_put_back(self):
        self.report("w1", LOST)
        self.assertEqual(self.device.get_health_display(), "Maintenance")
        self.report("w1", ())
        self.assertEqual(self.device.get_health_display(), "Good")

    def test_a_device_that_has_moved_is_put_back_by_its_new_worker(self):
        self.report("w2", ())
        self.report("w1", LOST)
        self.device.worker_host = self.two
        self.report("w2", ())
        self.assertEqual(self.device.get_health_display(), "Good")

    def test_what_a_broken_transaction_has_put_back_is_put_back_by_the_next(self):
        self.report("w1", LOST)
        FAILING.add("a")
        with self.assertRaises(OSError):
            self.report("w1", ())
        self.assertEqual(self.device.get_health_display(), "Maintenance")
        FAILING.clear()
        self.report("w1", ())
        self.assertEqual(self.device.get_health_display(), "Good")

    def test_devices_of_others_are_not_touched(self):
        self.report("w2", LOST)
        self.assertEqual(self.device.get_health_display(), "Good")

    def test_a_worker_that_a_takeover_has_written_into_the_log_comes_back_though_the_receiver_knew_it(self):
        self.report("w1", ())
        self.one.health = 1
        self.one.log_admin_entry(None, "Active → Maintenance (lava-heartbeat: disk / is full)")
        self.report("w1", ())
        self.assertEqual(self.one.health, 0)

    def test_a_health_that_a_ping_has_written_over_is_set_again_and_one_set_later_is_an_admins(self):
        full = (Problem("disk / is full", None, True),)
        self.assertFalse(self.report("w1", full)["settled"])
        self.one.health = 0
        self.report("w1", full)
        self.assertEqual(self.one.health, 1)
        self.assertTrue(self.report("w1", full)["settled"])
        self.records.JUST_NOW_SECONDS = 0
        self.one.health = 0
        self.report("w1", full)
        self.assertEqual(self.one.health, 0)

    def test_a_device_that_is_written_out_of_service_again_is_put_back_again(self):
        self.report("w1", LOST)
        self.report("w1", ())
        self.device.health = 4
        self.report("w1", ())
        self.assertEqual(self.device.get_health_display(), "Good")

    def test_the_log_is_not_read_for_a_worker_without_trouble(self):
        self.report("w1", ())
        reads = []
        self.records._history = lambda thing: reads.append(thing) or []
        self.report("w1", ())
        self.assertEqual(reads, [])


if __name__ == "__main__":
    unittest.main()
