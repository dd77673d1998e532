"""What a current worker reports, and to whom it proves that it is itself."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from current import current_reporter, report_of, send
from watch import Sight
from way import Master, Trouble

RECEIVER = os.path.join(os.path.dirname(__file__), "../support/heartbeat_receiver.py")
LINK = Sight("serial", "/dev/lava/a", "is not there", "a")
DISK = Sight("disk", "/", "is used by more than 90 %")
FINE = Sight("mount", "/media")


class Contents(unittest.TestCase):
    def test_only_problems_are_told_each_with_the_board_that_it_is_about(self):
        self.assertEqual(
            report_of([FINE, LINK, DISK], [LINK, DISK]),
            {
                "problems": [
                    {"text": "serial /dev/lava/a is not there", "device": "a", "sure": True},
                    {"text": "disk / is used by more than 90 %", "device": None, "sure": True},
                ]
            },
        )

    def test_a_problem_is_sure_once_two_looks_have_found_it(self):
        for before, wanted in (([], False), ([DISK], False), ([LINK], True)):
            (problem,) = report_of([LINK], before)["problems"]
            self.assertEqual(problem["sure"], wanted)

    def test_a_problem_in_other_words_is_still_the_same(self):
        (problem,) = report_of([LINK], [LINK._replace(problem="does not answer")])["problems"]
        self.assertTrue(problem["sure"])

    def test_what_the_master_has_changed_is_in_the_log(self):
        told = []
        answer = {"health": "Maintenance", "changes": ["a: Good → Maintenance (x)"], "settled": False}
        report = current_reporter(lambda report: answer, told.append)
        self.assertEqual(report([LINK], []), ("Maintenance", False))
        self.assertEqual(told, ["a: Good → Maintenance (x)"])

    def test_whoever_answers_in_the_masters_place_ends_nothing_and_orders_nothing(self):
        told = []
        answers = iter(
            [{"health": "Active", "changes": 5}, {"health": "Active\nSTOPPING=1", "changes": ["x\n<0>\ud800\x1b[2J"]}]
        )
        report = current_reporter(lambda report: next(answers), told.append)
        self.assertEqual(report([], []), ("Active", True))
        self.assertEqual(report([], []), ("Active?STOPPING=1", True))
        self.assertEqual(told, ["x?<0>??[2J"])


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keys = tempfile.TemporaryDirectory()
        with open(os.path.join(cls.keys.name, "w1"), "w", encoding="ascii") as file:
            file.write("1" * 64)
        cls.process = subprocess.Popen(
            [sys.executable, "-B", RECEIVER, cls.keys.name, "--worker", "w1", "--device", "w1:a"],
            stdout=subprocess.PIPE,
            text=True,
        )
        cls.root = f"http://127.0.0.1:{cls.process.stdout.readline().split()[-1]}"

    @classmethod
    def tearDownClass(cls):
        cls.process.kill()
        cls.process.communicate()
        cls.keys.cleanup()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.login_file = os.path.join(folder.name, "key")
        self.log_in("w1", "1" * 64)
        self.order(mode="normal")

    def log_in(self, name, key):
        with open(self.login_file, "w", encoding="utf-8") as file:
            file.write(f"{name}:{key}\n")

    def order(self, **wanted):
        request = urllib.request.Request(f"{self.root}/control", json.dumps(wanted).encode())
        return json.loads(urllib.request.urlopen(request).read())

    def send(self, *sights, path="/lava-heartbeat/", seconds=20):
        master = Master(f"{self.root}{path}", self.login_file, None, seconds)
        return send(master, report_of(sights, sights))

    def trouble(self, **options):
        with self.assertRaises(Trouble) as met:
            self.send(**options)
        return met.exception.kind, met.exception.code, str(met.exception)

    def test_a_board_goes_out_of_service_alone_and_comes_back(self):
        answer = self.send(LINK)
        self.assertEqual((answer["health"], answer["settled"]), ("Active", True))
        self.assertEqual(self.order()["things"]["a"]["health"], "Maintenance")
        self.send(FINE)
        self.assertEqual(self.order()["things"]["a"]["health"], "Good")

    def test_a_wrong_key_is_told(self):
        self.log_in("w1", "2" * 64)
        kind, code, words = self.trouble()
        self.assertEqual((kind, code), ("http", 403))
        self.assertIn("the master does not accept the key of w1", words)

    def test_another_name_is_not_believed(self):
        self.log_in("w2", "1" * 64)
        self.assertEqual(self.trouble()[:2], ("http", 403))

    def test_a_new_key_is_taken_without_a_restart(self):
        self.log_in("w1", "2" * 64)
        self.trouble()
        self.log_in("w1", "1" * 64)
        self.assertEqual(self.send()["health"], "Active")

    def test_a_receiver_that_does_not_run_is_told(self):
        self.order(mode="down")
        kind, code, words = self.trouble()
        self.assertEqual((kind, code), ("http", 503))
        self.assertIn("the receiver of heartbeats on the master is not running", words)

    def test_a_receiver_that_never_answers_is_given_up(self):
        self.order(mode="hang")
        kind, _, words = self.trouble(seconds=0.5)
        self.assertEqual(kind, "unreachable")
        self.assertIn("no answer within 0.5 s", words)

    def test_something_else_at_the_address_is_told(self):
        self.assertIn("something other", self.trouble(path="/control")[2])
        self.assertEqual(self.trouble(path="/elsewhere/")[1], 404)

    def test_no_message_holds_the_key_and_no_call_carries_it(self):
        self.log_in("w1", "VerySecretKey")
        for mode in ("normal", "down"):
            self.order(mode=mode)
            self.assertNotIn("VerySecret", self.trouble()[2])


if __name__ == "__main__":
    unittest.main()
