"""When a current worker goes to Maintenance and back."""

import os
import tempfile
import unittest

from current import Current, current_reporter, read_memory, write_memory
from maintenance import Memory
from master import Trouble

LINK = "serial /dev/lava/a is not there"
DISK = "disk / is used by more than 90 %"


class Lab:
    """A worker on a master, which can lose calls, and what the runtime remembers of it."""

    def __init__(self, health="Active", description=""):
        self.worker = {"health": health, "description": description}
        self.memory = Memory()
        self.updates = []
        self.lose = None
        self.told = []
        self.report = current_reporter(
            Current("w1", self.call, lambda: self.memory, self.remember, self.told.append)
        )

    def remember(self, memory):
        self.memory = memory

    def call(self, method, *params):
        if method == "scheduler.workers.show":
            assert params == ("w1",)
            return dict(self.worker)
        assert (method, params[0]) == ("scheduler.workers.update", "w1")
        if self.lose == "request":
            self.lose = None
            raise Trouble("unreachable", "no answer")
        self.updates.append(params[1:])
        _, description, health = params
        if description is not None:
            self.worker["description"] = description
        if health is not None:
            self.worker["health"] = health.capitalize()
        if self.lose == "answer":
            self.lose = None
            raise Trouble("unreachable", "no answer")
        return None


class Maintenance(unittest.TestCase):
    def test_a_problem_sets_maintenance_with_the_reason_in_the_description(self):
        lab = Lab(description="rack 3")
        self.assertEqual(lab.report([LINK]), "Maintenance")
        self.assertEqual(
            lab.worker,
            {"health": "Maintenance", "description": f"rack 3 [lava-heartbeat: {LINK}]"},
        )
        self.assertEqual(lab.told, [f"Maintenance: {LINK}"])

    def test_when_it_is_mended_the_worker_is_active_and_the_description_as_before(self):
        lab = Lab(description="rack 3")
        lab.report([LINK])
        self.assertEqual(lab.report([]), "Active")
        self.assertEqual(lab.worker, {"health": "Active", "description": "rack 3"})
        self.assertEqual(lab.memory, Memory())

    def test_nothing_is_sent_while_nothing_changes(self):
        lab = Lab()
        lab.report([])
        lab.report([LINK])
        lab.report([LINK])
        self.assertEqual(len(lab.updates), 1)

    def test_another_problem_changes_the_reason_only(self):
        lab = Lab()
        lab.report([LINK])
        lab.report([DISK, LINK])
        self.assertEqual(lab.updates[1], (f"[lava-heartbeat: {DISK}; {LINK}]", None))
        lab.report([])
        self.assertEqual(lab.worker, {"health": "Active", "description": ""})

    def test_nothing_is_decided_while_the_problems_are_not_sure(self):
        lab = Lab()
        lab.report([LINK])
        self.assertEqual(lab.report(None), "Maintenance")
        self.assertEqual(len(lab.updates), 1)

    def test_an_admins_maintenance_is_never_touched(self):
        for problems in ([LINK], []):
            lab = Lab("Maintenance", "broken fan")
            lab.report(problems)
            self.assertEqual(lab.updates, [])

    def test_a_mark_that_we_do_not_remember_is_not_ours(self):
        lab = Lab("Maintenance", f"rack 3 [lava-heartbeat: {LINK}]")
        lab.report([])
        self.assertEqual((lab.worker["health"], lab.updates), ("Maintenance", []))

    def test_a_retired_worker_is_never_touched(self):
        lab = Lab()
        lab.report([LINK])
        lab.worker["health"] = "Retired"
        lab.report([])
        lab.report([LINK])
        self.assertEqual((lab.worker["health"], len(lab.updates)), ("Retired", 1))

    def test_an_admin_who_takes_over_by_removing_the_mark_keeps_the_worker(self):
        lab = Lab()
        lab.report([LINK])
        lab.worker["description"] = "mine now"
        lab.report([])
        self.assertEqual(lab.worker, {"health": "Maintenance", "description": "mine now"})

    def test_an_admin_who_sets_active_in_spite_of_the_problem_is_heeded(self):
        lab = Lab(description="rack 3")
        lab.report([LINK])
        lab.worker["health"] = "Active"
        lab.report([LINK])
        lab.report([LINK])
        self.assertEqual(lab.worker, {"health": "Active", "description": "rack 3"})
        lab.report([DISK, LINK])
        self.assertEqual(lab.worker["health"], "Maintenance")

    def test_an_overruled_problem_counts_again_once_it_was_mended(self):
        lab = Lab()
        lab.report([LINK])
        lab.worker["health"] = "Active"
        lab.report([LINK])
        lab.report([])
        lab.report([LINK])
        self.assertEqual(lab.worker["health"], "Maintenance")

    def test_a_lost_request_is_sent_again_and_is_no_wish_of_an_admin(self):
        lab = Lab()
        lab.lose = "request"
        with self.assertRaises(Trouble):
            lab.report([LINK])
        self.assertEqual(lab.report([LINK]), "Maintenance")
        lab.report([])
        self.assertEqual(lab.worker, {"health": "Active", "description": ""})

    def test_after_a_lost_answer_the_maintenance_is_known_as_ours(self):
        lab = Lab()
        lab.lose = "answer"
        with self.assertRaises(Trouble):
            lab.report([LINK])
        lab.report([])
        self.assertEqual(lab.worker, {"health": "Active", "description": ""})

    def test_brackets_in_a_reason_do_not_break_the_mark(self):
        lab = Lab(description="a [b] c")
        lab.report(["disk /a[1] is used by more than 90 %"])
        lab.report([])
        self.assertEqual(lab.worker, {"health": "Active", "description": "a [b] c"})


class Memories(unittest.TestCase):
    def test_a_memory_is_read_back(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "maintenance.json")
            write_memory(path, Memory("set", (LINK,)))
            self.assertEqual(read_memory(path), Memory("set", (LINK,)))
            self.assertEqual(os.listdir(folder), ["maintenance.json"])

    def test_a_missing_or_spoilt_memory_is_none(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "maintenance.json")
            self.assertEqual(read_memory(path), Memory())
            for text in ("", "[]", "{}", '{"step": "set", "overruled": 3}'):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                self.assertEqual(read_memory(path), Memory(), text)


if __name__ == "__main__":
    unittest.main()
