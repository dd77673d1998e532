"""When a worker or a device is taken out of service, and put back."""

import unittest

from judgement import Thing, judge, reason_of

LINK = "serial /dev/lava/a is not there"
DISK = "disk / is used by more than 90 %"
DEVICE = ("Good", "Unknown")


class Lava:
    """One thing of LAVA, with its log."""

    def __init__(self, health="Good", in_service=DEVICE):
        self.health = health
        self.in_service = in_service
        self.log = []
        self.busy = False
        self.was_just_set = False

    def report(self, *problems):
        """What the judgement makes of it is carried out."""
        thing = Thing(self.health, self.in_service, self.log[::-1], self.busy, self.was_just_set)
        verdict = judge(thing, problems)
        if verdict is not None:
            self.health = verdict.health
            self.log.append(verdict.entry)
        return self.health

    def admin(self, health, reason="by hand"):
        """Somebody sets the health on LAVA's page."""
        self.log.append(f"{self.health} → {health} ({reason})")
        self.health = health


class Judgements(unittest.TestCase):
    def test_a_problem_takes_a_device_out_and_its_end_puts_it_back_as_it_was(self):
        for health in DEVICE:
            lava = Lava(health)
            self.assertEqual(lava.report(LINK), "Maintenance")
            self.assertEqual(lava.log, [f"{health} → Maintenance (lava-heartbeat: {LINK})"])
            self.assertEqual(lava.report(), health)
            self.assertEqual(lava.log[-1], f"Maintenance → {health} (lava-heartbeat: fixed)")

    def test_a_worker_goes_to_maintenance_and_back_to_active(self):
        lava = Lava("Active", ("Active",))
        self.assertEqual([lava.report(DISK), lava.report()], ["Maintenance", "Active"])

    def test_nothing_is_written_while_nothing_changes(self):
        lava = Lava()
        lava.report()
        lava.report(LINK)
        lava.report(LINK)
        self.assertEqual(len(lava.log), 1)

    def test_another_problem_is_written_down_and_the_first_health_is_still_known(self):
        lava = Lava("Unknown")
        lava.report(LINK)
        lava.report(LINK, DISK)
        lava.report(DISK)
        self.assertEqual(lava.log[-1], f"Maintenance → Maintenance (lava-heartbeat: {DISK})")
        self.assertEqual(lava.report(), "Unknown")

    def test_while_a_job_is_on_a_device_it_is_not_taken_out(self):
        lava = Lava()
        lava.busy = True
        self.assertEqual(lava.report(LINK), "Good")
        lava.busy = False
        self.assertEqual(lava.report(LINK), "Maintenance")

    def test_a_device_that_is_out_is_put_back_although_a_job_is_on_it(self):
        lava = Lava()
        lava.report(LINK)
        lava.busy = True
        self.assertEqual(lava.report(), "Good")

    def test_what_is_out_of_service_by_somebody_else_is_never_touched(self):
        for health in ("Maintenance", "Bad", "Looping", "Retired"):
            for problems in ((LINK,), ()):
                lava = Lava(health)
                lava.report(*problems)
                self.assertEqual((lava.health, lava.log), (health, []))

    def test_an_admin_who_sets_maintenance_again_has_taken_over(self):
        lava = Lava()
        lava.report(LINK)
        lava.admin("Maintenance", "mine now")
        self.assertEqual(lava.report(), "Maintenance")
        lava.admin("Good")
        self.assertEqual(lava.report(), "Good")

    def test_an_admin_who_sets_good_in_spite_of_the_problem_is_heeded(self):
        lava = Lava()
        lava.report(LINK)
        lava.admin("Good")
        self.assertEqual(lava.report(LINK), "Good")
        self.assertEqual(lava.report(LINK, DISK), "Maintenance")

    def test_a_health_that_changed_without_a_word_in_the_log_is_an_admins_too(self):
        lava = Lava()
        lava.report(LINK)
        lava.health = "Good"
        self.assertEqual(lava.report(LINK), "Good")

    def test_a_health_that_lava_has_written_over_a_moment_ago_is_set_again(self):
        lava = Lava("Active", ("Active",))
        lava.report(LINK)
        lava.was_just_set = True
        lava.health = "Active"
        self.assertEqual(lava.report(LINK), "Maintenance")
        lava.report()
        lava.health = "Maintenance"
        self.assertEqual(lava.report(), "Active")

    def test_an_admin_is_heeded_although_the_health_was_set_a_moment_ago(self):
        lava = Lava()
        lava.was_just_set = True
        lava.report(LINK)
        lava.admin("Good")
        self.assertEqual(lava.report(LINK), "Good")
        lava.report()
        lava.admin("Maintenance")
        self.assertEqual(lava.report(), "Maintenance")

    def test_of_several_overruled_problems_some_may_go(self):
        lava = Lava()
        lava.report(LINK, DISK)
        lava.admin("Good")
        self.assertEqual(lava.report(LINK), "Good")

    def test_an_overruled_problem_counts_again_once_it_was_fixed(self):
        lava = Lava()
        lava.report(LINK)
        lava.admin("Good")
        lava.report()
        self.assertEqual(lava.log[-1], "Good → Good (lava-heartbeat: fixed)")
        self.assertEqual(lava.report(LINK), "Maintenance")

    def test_a_retired_device_stays_retired_and_the_way_back_is_an_admins(self):
        lava = Lava()
        lava.report(LINK)
        lava.admin("Retired")
        lava.report()
        lava.report(LINK)
        self.assertEqual(lava.health, "Retired")


class Reasons(unittest.TestCase):
    def test_a_hostile_text_is_neither_html_nor_an_entry_of_somebody_else(self):
        for text in ('<a href="x">', "x) → Good (lava-play: y", "a\nb", "é\u202e", "x'--"):
            self.assertRegex(reason_of([text]), r"^[A-Za-z0-9_ ./:%@,+=?-]*$")

    def test_a_reason_has_an_end(self):
        self.assertEqual(len(reason_of(["x" * 10_000])), 300)

    def test_a_long_reason_is_known_again(self):
        lava = Lava()
        problems = [f"serial /dev/lava/{number} is not there" for number in range(100)]
        lava.report(*problems)
        lava.report(*problems)
        self.assertEqual(len(lava.log), 1)


if __name__ == "__main__":
    unittest.main()
