"""Files and messages: worker.conf, the configuration, status.json, metrics, sd_notify."""

import json
import os
import socket
import tempfile
import unittest

from configuration import Board, Configuration, Disk, WrongConfiguration, configuration_of
from service_manager import notify, watchdog_seconds
from status import Status, metrics_text, status_text, write_whole
from watch import Sight
from worker_conf import Period, heartbeat_period, period_in, settings_in

TOLD = Status("classic", "w1.lab", "http://master/RPC2", 1_700_000_000.0, period=300, next_try=1_700_000_300.0)


class WorkerConf(unittest.TestCase):
    def test_lines_are_read_as_by_lava_server(self):
        for line, wanted in (
            ("K='300'", {"K": "300"}),
            ('K="300"', {"K": "300"}),
            ('K="x" # c', {"K": "x"}),
            ("K='x'\r", {"K": "x"}),
            ("K='a\"b'", {"K": 'a"b'}),
            ("K='x\"", {"K": "x"}),
            ("K=''", {"K": ""}),
            ('K="a" # say "hi"', {"K": 'a" # say "hi'}),
            ("K=300", {}),
            ("K = '300'", {}),
            (" K='300'", {}),
            ("export K='1'", {}),
            ("K='1';", {}),
            ("K='it's'", {}),
            ('K="it\'s"', {}),
            ("K='1'\nK='2'", {"K": "2"}),
        ):
            self.assertEqual(settings_in(line), wanted, line)

    def test_a_whole_number_is_the_period(self):
        for value, seconds in (("60", 60), (" 12 ", 12), ("+7", 7)):
            self.assertEqual(period_in(f"HEARTBEAT_TIMEOUT='{value}'\n", "f"), Period(seconds))

    def test_an_empty_or_missing_value_is_300(self):
        for text in ("", "HEARTBEAT_TIMEOUT=''\n", "# HEARTBEAT_TIMEOUT='20'\n"):
            self.assertEqual(period_in(text, "f"), Period(300))

    def test_an_ignored_line_is_300_and_named(self):
        period = period_in("A='1'\nHEARTBEAT_TIMEOUT=60\n", "/etc/worker.conf")
        self.assertEqual(period.seconds, 300)
        self.assertIn("/etc/worker.conf:2: the line is ignored", period.complaint)

    def test_what_is_no_whole_number_above_0_is_300_and_named(self):
        for value in ("five", "3.5", "1_000", "0x10", "0", "-5"):
            period = period_in(f"HEARTBEAT_TIMEOUT='{value}'\n", "f")
            self.assertEqual(period.seconds, 300)
            self.assertIn(f"'{value}'", period.complaint)

    def test_a_missing_file_is_300_and_an_unreadable_one_is_named_besides(self):
        self.assertEqual(heartbeat_period("/no/such/worker.conf"), Period(300))
        self.assertEqual(heartbeat_period("/").seconds, 300)
        self.assertIn("cannot read /", heartbeat_period("/").complaint)


class Configurations(unittest.TestCase):
    whole = {
        "mode": "classic",
        "host": "w1.lab",
        "url": "http://master/RPC2",
        "credentials": "/c",
        "worker_conf": "/w",
        "devices": "/d",
        "mounts": ["/media"],
        "boards": [{"name": "a", "link": "/dev/lava/a", "port": 7001}],
        "disks": [{"path": "/", "max_used_percent": 90}],
        "textfile": "/t.prom",
    }

    def test_a_whole_one_is_taken(self):
        self.assertEqual(
            configuration_of(self.whole),
            Configuration(
                "classic",
                "w1.lab",
                "http://master/RPC2",
                "/c",
                "/w",
                devices="/d",
                mounts=("/media",),
                boards=(Board("a", "/dev/lava/a", 7001),),
                disks=(Disk("/", 90),),
                textfile="/t.prom",
            ),
        )

    def test_mistakes_are_named(self):
        for change, words in (
            ({"mode": "modern"}, "'mode'"),
            ({"host": ""}, "'host'"),
            ({"url": "ftp://master/"}, "'url'"),
            ({"url": "http://user:token@master/RPC2"}, "'url'"),
            ({"url": "http://[::1/RPC2"}, "'url'"),
            ({"devices": None}, "'devices'"),
            ({"mounts": "/media"}, "'mounts'"),
            ({"mounts": [1]}, "'mounts'"),
            ({"boards": [{"port": 7001}]}, "'boards'"),
            ({"boards": [{"name": "a", "port": 70000}]}, "'boards'"),
            ({"boards": [{"name": "a", "link": ""}]}, "'boards'"),
            ({"boards": [{"name": "a", "board_powered": 1}]}, "'boards'"),
            ({"boards": [{"name": "a", "pot": 1}]}, "'boards'"),
            ({"disks": [{"path": "/", "max_used_percent": True}]}, "'disks'"),
            ({"answer_seconds": 31}, "'answer_seconds'"),
            ({"moutns": []}, "unknown key 'moutns'"),
        ):
            with self.assertRaisesRegex(WrongConfiguration, words):
                configuration_of({**self.whole, **change})
        with self.assertRaisesRegex(WrongConfiguration, "the configuration must be a map"):
            configuration_of([])


class Statuses(unittest.TestCase):
    def test_the_status_before_the_first_heartbeat_has_no_times(self):
        told = json.loads(status_text(TOLD))
        self.assertEqual(told["started"], "2023-11-14T22:13:20Z")
        self.assertEqual(told["next_try"], "2023-11-14T22:18:20Z")
        self.assertIsNone(told["last_success"])
        self.assertIsNone(told["last_error"])

    def test_problems_are_told_in_words_and_with_all_that_was_looked_at(self):
        sights = (Sight("mount", "/media", "does not answer"), Sight("disk", "/"))
        told = json.loads(status_text(TOLD._replace(sights=sights)))
        self.assertEqual(told["problems"], ["mount /media does not answer"])
        self.assertEqual(told["looked_at"][1], {"kind": "disk", "what": "/", "problem": None, "device": None})

    def test_metrics_are_what_node_exporter_reads(self):
        sights = (Sight("mount", 'a"b\\c\nd', "does not answer"), Sight("disk", "/"))
        text = metrics_text(
            TOLD._replace(sights=sights, last_try=5.5, last_success=5.75, succeeded=2, failed=1)
        )
        values = [line for line in text.splitlines() if not line.startswith("#")]
        self.assertEqual(
            values,
            [
                "lava_heartbeat_up 1",
                "lava_heartbeat_period_seconds 300",
                "lava_heartbeat_failures_in_a_row 0",
                "lava_heartbeat_last_try_timestamp_seconds 5.5",
                "lava_heartbeat_last_success_timestamp_seconds 5.75",
                'lava_heartbeat_sent_total{result="ok"} 2',
                'lava_heartbeat_sent_total{result="failed"} 1',
                'lava_heartbeat_problem{kind="mount",what="a\\"b\\\\c\\nd"} 1',
                'lava_heartbeat_problem{kind="disk",what="/"} 0',
            ],
        )
        self.assertEqual(text.count("# TYPE lava_heartbeat_problem gauge"), 1)

    def test_it_is_down_before_the_first_heartbeat_and_after_a_failure(self):
        self.assertIn("lava_heartbeat_up 0\n", metrics_text(TOLD))
        failing = TOLD._replace(last_success=5.0, failures_in_a_row=1)
        self.assertIn("lava_heartbeat_up 0\n", metrics_text(failing))

    def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "status.json")
            write_whole(path, "old")
            with open(path, encoding="utf-8") as reader:
                write_whole(path, "new")
                self.assertEqual(reader.read(), "old")
            with open(path, encoding="utf-8") as reader:
                self.assertEqual(reader.read(), "new")
            self.assertEqual(os.listdir(folder), ["status.json"])


class ServiceManager(unittest.TestCase):
    def receive(self, address, environment):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            notify("READY=1", {"NOTIFY_SOCKET": environment})
            manager.settimeout(20)
            return manager.recv(100)

    def test_messages_reach_a_socket_in_the_file_system(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.receive(f"{folder}/s", f"{folder}/s"), b"READY=1")

    def test_messages_reach_an_abstract_socket(self):
        name = f"lava-heartbeat-test-{os.getpid()}"
        self.assertEqual(self.receive(f"\0{name}", f"@{name}"), b"READY=1")

    def test_without_a_manager_nothing_happens(self):
        notify("READY=1", {})
        notify("READY=1", {"NOTIFY_SOCKET": "/no/such/socket"})

    def test_the_time_of_the_watchdog_is_read(self):
        self.assertEqual(watchdog_seconds({"WATCHDOG_USEC": "2000000"}), 2)
        for environment in ({}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "0"}):
            self.assertIsNone(watchdog_seconds(environment))


if __name__ == "__main__":
    unittest.main()
