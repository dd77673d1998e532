"""Calls to the stand-in master, over HTTP."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from master import call
from way import Master, Trouble, unconnected

STAND_IN = os.path.join(os.path.dirname(__file__), "../support/xmlrpc_master.py")
LOGINS = ["lava-health:good", "plain:good"]
PAYLOAD = {"info_size": "minimal", "hostname": "w1", "uptime": "0:01:00", "devices": ["panda01"]}


class Places(unittest.TestCase):
    def place(self, url):
        connection = unconnected(Master(url, "/nonexistent"))
        return connection.host, connection.port

    def test_a_name_has_the_port_of_the_scheme_or_its_own(self):
        self.assertEqual(self.place("http://master/x/"), ("master", 80))
        self.assertEqual(self.place("https://master:8443/x/"), ("master", 8443))

    def test_an_address_of_ipv6_loses_nothing_to_the_port(self):
        self.assertEqual(self.place("http://[2001:db8::10]/x/"), ("2001:db8::10", 80))
        self.assertEqual(self.place("https://[2001:db8::10]/x/"), ("2001:db8::10", 443))
        self.assertEqual(self.place("https://[::1]:8443/x/"), ("::1", 8443))


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        options = [word for login in LOGINS for word in ("--login", login)]
        cls.process = subprocess.Popen(
            [sys.executable, STAND_IN, *options, "--device", "panda01"],
            stdout=subprocess.PIPE,
            text=True,
        )
        cls.root = f"http://127.0.0.1:{cls.process.stdout.readline().split()[-1]}"

    @classmethod
    def tearDownClass(cls):
        cls.process.kill()
        cls.process.communicate()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.login_file = os.path.join(folder.name, "login")
        self.log_in("lava-health:good")
        self.order(mode="normal", forget=True)

    def log_in(self, login):
        with open(self.login_file, "w", encoding="utf-8") as file:
            file.write(f"{login}\n")

    def order(self, **wanted):
        request = urllib.request.Request(f"{self.root}/control", json.dumps(wanted).encode())
        urllib.request.urlopen(request).read()

    def seen(self):
        return json.loads(urllib.request.urlopen(f"{self.root}/control").read())

    def call(self, method, *params, path="/RPC2", seconds=20):
        return call(Master(f"{self.root}{path}", self.login_file, None, seconds), method, *params)

    def beat(self, payload=None, **options):
        text = json.dumps(PAYLOAD if payload is None else payload)
        return self.call("scheduler.worker_heartbeat", text, **options)

    def trouble(self, act, *params, **options):
        """Kind, code and words of the trouble that the call meets."""
        with self.assertRaises(Trouble) as met:
            act(*params, **options)
        return met.exception.kind, met.exception.code, str(met.exception)

    def test_a_heartbeat_makes_the_row_and_takes_the_devices(self):
        self.assertIs(self.beat(), True)
        seen = self.seen()
        self.assertEqual(seen["rows"]["w1"]["uptime"], "0:01:00")
        self.assertEqual(seen["devices"], {"panda01": "w1"})
        self.assertEqual(seen["calls"][0]["user"], "lava-health")

    def test_the_slash_at_the_end_of_the_address_is_optional(self):
        self.assertIs(self.beat(path="/RPC2/"), True)

    def test_a_wrong_token_is_http_401(self):
        self.log_in("lava-health:bad")
        self.assertEqual(
            self.trouble(self.beat),
            (
                "http",
                401,
                "the master does not accept the token of user lava-health (HTTP 401 Unauthorized: Invalid token)",
            ),
        )

    def test_a_new_token_is_taken_without_a_restart(self):
        self.log_in("lava-health:bad")
        self.trouble(self.beat)
        self.log_in("lava-health:good")
        self.assertIs(self.beat(), True)

    def test_a_user_without_the_permission_is_fault_403(self):
        self.log_in("plain:good")
        kind, code, words = self.trouble(self.beat)
        self.assertEqual((kind, code), ("fault", 403))
        self.assertIn("the master accepts no heartbeat from user plain: only from lava-health, which needs no permission", words)

    def test_a_payload_that_the_master_cannot_use_is_fault_32603(self):
        payload = {key: value for key, value in PAYLOAD.items() if key != "devices"}
        kind, code, words = self.trouble(self.beat, payload)
        self.assertEqual((kind, code), ("fault", -32603))
        self.assertIn("an internal error of the master; its log shows more", words)

    def test_an_unknown_method_is_fault_32601(self):
        kind, code, words = self.trouble(self.call, "scheduler.nothing")
        self.assertEqual((kind, code), ("fault", -32601))
        self.assertIn("the master has no scheduler.nothing", words)

    def test_a_login_that_the_master_has_not_seen_is_fault_401(self):
        self.order(mode="fault-401")
        self.assertEqual(self.trouble(self.beat)[:2], ("fault", 401))

    def test_http_errors_are_told_with_their_status(self):
        for status, words in (
            (400, "cannot read the request"),
            (404, "there is no XML-RPC"),
            (500, "the master cannot be used (HTTP 500"),
            (302, "something else answers there"),
        ):
            self.order(mode=f"http-{status}")
            kind, code, said = self.trouble(self.beat)
            self.assertEqual((kind, code), ("http", status))
            self.assertIn(words, said)

    def test_a_master_that_accepts_and_never_answers_is_given_up(self):
        self.order(mode="black-hole")
        kind, _, words = self.trouble(self.beat, seconds=0.5)
        self.assertEqual(kind, "unreachable")
        self.assertIn("no answer within 0.5 s", words)

    def test_an_answer_that_comes_byte_by_byte_is_given_up(self):
        self.order(mode="drip")
        kind, _, words = self.trouble(self.beat, seconds=0.5)
        self.assertEqual(kind, "unreachable")
        self.assertIn("no answer within 0.5 s", words)

    def test_a_master_that_hangs_up_is_unreachable(self):
        self.order(mode="hang-up")
        self.assertEqual(self.trouble(self.beat)[0], "unreachable")

    def test_an_answer_that_is_no_xml_rpc_is_told(self):
        self.order(mode="nonsense")
        kind, _, words = self.trouble(self.beat)
        self.assertEqual(kind, "answer")
        self.assertIn("not XML-RPC", words)

    def test_a_refused_connection_is_unreachable(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{closed.getsockname()[1]}/RPC2"
            kind, _, words = self.trouble(call, Master(url, self.login_file), "system.whoami")
        self.assertEqual(kind, "unreachable")
        self.assertIn("Connection refused", words)

    def test_a_missing_or_senseless_login_is_told_and_nothing_is_sent(self):
        self.log_in("no-colon")
        self.assertEqual(self.trouble(self.beat)[0], "login")
        os.remove(self.login_file)
        self.assertEqual(self.trouble(self.beat)[0], "login")
        self.assertEqual(self.seen()["connections"], 0)

    def test_no_message_holds_the_token(self):
        self.log_in("lava-health:VerySecret")
        for mode in ("normal", "http-500", "nonsense", "fault--32603", "hang-up"):
            self.order(mode=mode)
            self.assertNotIn("VerySecret", self.trouble(self.beat)[2])


if __name__ == "__main__":
    unittest.main()
