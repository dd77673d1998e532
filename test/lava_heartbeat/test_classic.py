"""The classic heartbeat: which payload, and what is tried again."""

import json
import os
import tempfile
import unittest

import payload
from classic import Classic, classic_reporter
from way import Trouble

DAY = 24 * 3600
ABOUT = {"arch": "x86_64", "platform": "Linux", "ipaddr": "192.0.2.21"}


class Run:
    """A reporter whose calls end as told: an exception, or True."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.time = 0.0
        self.calls = []
        self.pauses = []
        self.descriptions = 0
        self.report = classic_reporter(
            Classic(
                call=self.call,
                minimal=lambda: payload.minimal("w1.lab", 273906.4, ["panda01", "panda02"]),
                describe=self.describe,
                now=lambda: self.time,
                sleep=self.pauses.append,
            )
        )

    def describe(self):
        self.descriptions += 1
        return ABOUT

    def call(self, method, text):
        self.calls.append((method, json.loads(text)))
        outcome = self.outcomes.pop(0) if self.outcomes else True
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @property
    def sizes(self):
        return [data["info_size"] for _, data in self.calls]


class Payloads(unittest.TestCase):
    def test_the_first_is_complete_and_the_others_are_minimal(self):
        run = Run()
        self.assertEqual([run.report([], [])[0] for _ in range(3)], ["complete", "minimal", "minimal"])
        self.assertEqual(run.sizes, ["complete", "minimal", "minimal"])

    def test_the_minimal_one_has_exactly_these_fields(self):
        run = Run()
        run.report([], [])
        run.report([], [])
        self.assertEqual(
            run.calls[1],
            (
                "scheduler.worker_heartbeat",
                {
                    "info_size": "minimal",
                    "hostname": "w1.lab",
                    "uptime": "3 days, 4:05:06",
                    "devices": ["panda01", "panda02"],
                },
            ),
        )

    def test_the_complete_one_describes_the_host_besides(self):
        about = payload.describe_host("localhost", "http://127.0.0.1/RPC2")
        self.assertEqual(
            list(about), ["arch", "platform", "ipaddr", "hardware_info", "software_info"]
        )
        self.assertIsInstance(json.loads(about["hardware_info"]), str)
        self.assertTrue(json.loads(about["software_info"]).startswith("<table>"))
        self.assertEqual(about["ipaddr"], "127.0.0.1")

    def test_after_a_failure_the_next_is_complete_again(self):
        run = Run(True, Trouble("http", "HTTP 500"))
        run.report([], [])
        with self.assertRaises(Trouble):
            run.report([], [])
        run.report([], [])
        self.assertEqual(run.sizes, ["complete", "minimal", "complete"])

    def test_it_stays_complete_until_it_is_accepted(self):
        run = Run(Trouble("http", "HTTP 500"), Trouble("http", "HTTP 500"))
        for _ in range(2):
            with self.assertRaises(Trouble):
                run.report([], [])
        run.report([], [])
        self.assertEqual(run.sizes, ["complete", "complete", "complete"])
        self.assertEqual(run.descriptions, 1)

    def test_once_a_day_it_is_complete(self):
        run = Run()
        for time in (0, DAY - 1, DAY, DAY + 300):
            run.time = time
            run.report([], [])
        self.assertEqual(run.sizes, ["complete", "minimal", "complete", "minimal"])
        self.assertEqual(run.descriptions, 2)

    def test_the_devices_are_the_base_names_of_the_configuration_files(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("panda02.conf", "panda01.conf", "panda03.conf.bak", "README"):
                open(os.path.join(folder, name), "w", encoding="utf-8").close()
            self.assertEqual(payload.device_names(folder), ["panda01", "panda02"])
        self.assertEqual(payload.device_names("/no/such/folder"), [])


class Retries(unittest.TestCase):
    def test_without_an_answer_there_are_three_tries_at_once(self):
        run = Run(*[Trouble("unreachable", "refused")] * 3)
        with self.assertRaisesRegex(Trouble, "refused"):
            run.report([], [])
        self.assertEqual((len(run.calls), run.pauses), (3, []))

    def test_after_a_fault_there_are_three_tries_a_second_apart(self):
        run = Run(*[Trouble("fault", "fault 403", 403)] * 3)
        with self.assertRaisesRegex(Trouble, "fault 403"):
            run.report([], [])
        self.assertEqual((len(run.calls), run.pauses), (3, [1, 1]))

    def test_an_http_error_is_not_tried_again(self):
        run = Run(Trouble("http", "HTTP 401", 401))
        with self.assertRaisesRegex(Trouble, "HTTP 401"):
            run.report([], [])
        self.assertEqual((len(run.calls), run.pauses), (1, []))

    def test_the_third_try_may_succeed(self):
        run = Run(Trouble("unreachable", "no answer"), Trouble("fault", "fault -32603", -32603))
        self.assertEqual(run.report([], []), ("complete", True))
        self.assertEqual((len(run.calls), run.pauses), (3, [1]))


if __name__ == "__main__":
    unittest.main()
