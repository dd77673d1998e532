"""The loop, with a clock of the test's own."""

import unittest

from beating import World, beat_for_ever
from status import Status
from watch import Sight, problems_in
from way import Trouble
from worker_conf import Period

EPOCH = 1_700_000_000.0


class Over(Exception):
    """The test's time is over."""


class Run:
    """A run of the loop up to a time; `reports` has time, problems and problems before of each report."""

    def __init__(self, until, *, periods=None, outcomes=None, sights=None, duration=0, tick=20):
        self.time = 0.0
        self.until = until
        self.periods = periods or (lambda time: Period(300))
        self.outcomes = outcomes or (lambda time: "minimal")
        self.sights = sights or (lambda time: [])
        self.duration = duration
        self.reports = []
        self.published = []
        self.fed = []
        self.told = []
        world = World(
            now=lambda: self.time,
            wall=lambda: EPOCH + self.time,
            sleep=self.sleep,
            tick=tick,
            period=lambda: self.periods(self.time),
            look=lambda: self.sights(self.time),
            report=self.report,
            publish=self.published.append,
            alive=lambda: self.fed.append(self.time),
            say=lambda text: self.told.append(("say", self.time, text)),
            warn=lambda text: self.told.append(("warn", self.time, text)),
        )
        start = Status("classic", "w1.lab", "http://master/RPC2", EPOCH, period=0, next_try=EPOCH)
        try:
            beat_for_ever(world, start)
        except Over:
            pass

    def sleep(self, seconds):
        self.time += seconds
        if self.time > self.until:
            raise Over

    def report(self, sights, before):
        self.reports.append((self.time, problems_in(sights), problems_in(before)))
        self.time += self.duration
        outcome = self.outcomes(self.reports[-1][0])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome if isinstance(outcome, tuple) else (outcome, True)

    @property
    def times(self):
        return [time for time, _, _ in self.reports]


class Periods(unittest.TestCase):
    def test_a_report_at_the_start_and_then_one_every_period(self):
        self.assertEqual(Run(1000).times, [0, 300, 600, 900])

    def test_the_time_that_a_report_takes_is_part_of_the_period(self):
        self.assertEqual(Run(1000, duration=70).times, [0, 300, 600, 900])

    def test_a_report_that_takes_longer_than_the_period_is_followed_at_once(self):
        run = Run(100, periods=lambda time: Period(10), duration=25)
        self.assertEqual(run.times, [0, 25, 50, 75, 100])

    def test_a_shorter_period_holds_at_the_next_tick(self):
        run = Run(170, periods=lambda time: Period(300 if time < 50 else 30))
        self.assertEqual(run.times, [0, 60, 90, 120, 150])

    def test_a_longer_period_holds_before_the_next_report(self):
        run = Run(700, periods=lambda time: Period(100 if time < 50 else 600))
        self.assertEqual(run.times, [0, 600])

    def test_a_period_shorter_than_the_tick_is_kept_exactly(self):
        self.assertEqual(Run(25, periods=lambda time: Period(7)).times, [0, 7, 14, 21])

    def test_the_watchdog_is_fed_at_every_tick(self):
        run = Run(1000, tick=15)
        gaps = [later - sooner for sooner, later in zip(run.fed, run.fed[1:])]
        self.assertLessEqual(max(gaps), 15)

    def test_a_complaint_about_the_period_is_told_once(self):
        run = Run(400, periods=lambda time: Period(300, "HEARTBEAT_TIMEOUT is not a whole number"))
        warned = [text for level, _, text in run.told if level == "warn"]
        self.assertEqual(
            warned, ["HEARTBEAT_TIMEOUT is not a whole number; reporting every 300 s"]
        )
        self.assertEqual(
            run.published[-1].period_complaint, "HEARTBEAT_TIMEOUT is not a whole number"
        )


class Failures(unittest.TestCase):
    def test_a_failure_is_tried_again_after_20_seconds_until_it_is_fixed(self):
        run = Run(
            700, outcomes=lambda time: Trouble("http", "HTTP 500") if 300 <= time < 340 else "minimal"
        )
        self.assertEqual(run.times, [0, 300, 320, 340, 640])

    def test_a_failure_never_makes_the_period_longer(self):
        run = Run(16, periods=lambda time: Period(5), outcomes=lambda time: Trouble("http", "no"))
        self.assertEqual(run.times, [0, 5, 10, 15])

    def test_the_status_counts_failures_and_keeps_the_last_error(self):
        run = Run(45, outcomes=lambda time: Trouble("unreachable", "nobody there"))
        last = run.published[-1]
        self.assertEqual((last.failures_in_a_row, last.failed, last.succeeded), (3, 3, 0))
        self.assertEqual((last.last_error, last.last_error_time), ("nobody there", EPOCH + 40))
        self.assertEqual((last.last_success, last.last_try), (None, EPOCH + 40))
        self.assertEqual(last.next_try, EPOCH + 60)

    def test_the_status_forgets_failures_when_it_is_fixed_but_not_the_last_error(self):
        run = Run(30, outcomes=lambda time: Trouble("http", "HTTP 500") if time < 20 else "complete")
        last = run.published[-1]
        self.assertEqual((last.failures_in_a_row, last.failed, last.succeeded), (0, 1, 1))
        self.assertEqual((last.last_success, last.last_report), (EPOCH + 20, "complete"))
        self.assertEqual((last.last_error, last.next_try), ("HTTP 500", EPOCH + 320))

    def test_the_log_tells_each_error_once_and_its_end(self):
        run = Run(
            90,
            outcomes=lambda time: Trouble("http", "HTTP 500")
            if time < 40
            else Trouble("http", "HTTP 401")
            if time < 60
            else "minimal",
        )
        self.assertEqual(
            [(level, time) for level, time, _ in run.told],
            [("warn", 0), ("warn", 40), ("say", 60)],
        )
        self.assertIn("after 3 failures", run.told[-1][2])

    def test_a_file_that_cannot_be_read_is_a_failure_and_not_the_end(self):
        run = Run(25, outcomes=lambda time: PermissionError(13, "Permission denied"))
        self.assertEqual(run.times, [0, 20])


class Problems(unittest.TestCase):
    def test_each_report_is_told_what_was_seen_before(self):
        gone = [Sight("serial", "/dev/lava/a", "is not there")]
        run = Run(700, sights=lambda time: gone if time >= 300 else [])
        told = ["serial /dev/lava/a is not there"]
        self.assertEqual(run.reports, [(0, [], []), (300, told, []), (600, told, told)])

    def test_what_is_not_settled_is_looked_at_again_soon(self):
        run = Run(700, outcomes=lambda time: ("Active", not 300 <= time < 340))
        self.assertEqual(run.times, [0, 300, 320, 340, 640])

    def test_a_problem_and_its_end_are_told(self):
        gone = [Sight("mount", "/media", "does not answer")]
        run = Run(700, sights=lambda time: gone if time == 300 else [])
        self.assertIn(("warn", 300, "mount /media does not answer"), run.told)
        self.assertIn(("say", 600, "no longer: mount /media does not answer"), run.told)


if __name__ == "__main__":
    unittest.main()
