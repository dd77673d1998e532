"""Whose reports are taken, as a hostile worker sees it."""

import hashlib
import hmac
import io
import json
import os
import tempfile
import unittest

from app import LARGEST_REPORT, application_with
from claim import Claims

REPORT = {"problems": [{"text": "disk / is full", "device": None, "sure": True}]}


class Receiver(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name, key in (("w1", "1" * 64), ("w2", "2" * 64), ("empty", "")):
            with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
                file.write(f"{key}\n")
        self.time = 1_700_000_000.0
        self.applied = []
        self.claims = Claims(self.folder, lambda: self.time)
        self.application = application_with(self.apply, self.claims)

    def apply(self, name, problems):
        if name == "w2":
            raise LookupError(name)
        self.applied.append((name, [problem.text for problem in problems]))
        return {"health": "Active"}

    def call(self, method, path, body=b"", **headers):
        """Status and answer."""
        said = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            **{f"HTTP_{key}": value for key, value in headers.items()},
        }
        environ.update({key: value for key, value in headers.items() if key == "CONTENT_LENGTH"})
        answer = b"".join(self.application(environ, lambda status, head: said.append(status)))
        return int(said[0].split()[0]), json.loads(answer)

    def challenge(self):
        status, answer = self.call("GET", "/lava-heartbeat/")
        self.assertEqual(status, 200)
        return answer["challenge"]

    def report(self, name="w1", key="1" * 64, challenge=None, report=REPORT, body=None, signed=None):
        challenge = challenge or self.challenge()
        body = json.dumps(report).encode() if body is None else body
        message = b"\n".join([challenge.encode(), (signed or name).encode(), body])
        signature = hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
        return self.call(
            "POST", f"/lava-heartbeat/{name}", body, X_CHALLENGE=challenge, X_SIGNATURE=signature
        )

    def test_a_report_that_is_signed_with_the_key_of_the_worker_is_carried_out(self):
        self.assertEqual(self.report(), (200, {"health": "Active"}))
        self.assertEqual(self.applied, [("w1", ["disk / is full"])])

    def test_a_worker_cannot_report_for_another(self):
        for attempt in (
            {"name": "w2", "key": "1" * 64},
            {"name": "w1", "key": "2" * 64},
            {"name": "w1", "key": "2" * 64, "signed": "w2"},
            {"name": "w1", "key": ""},
        ):
            self.assertEqual(self.report(**attempt)[0], 403, attempt)
        self.assertEqual(self.applied, [])

    def test_names_lead_to_no_other_file_and_an_empty_key_opens_nothing(self):
        with open(os.path.join(os.path.dirname(self.folder), "outside"), "w", encoding="ascii") as file:
            file.write("3" * 64)
        self.addCleanup(os.remove, file.name)
        for name in ("../outside", "..", ".", "w1/", "w1\0", "no-such", "empty", "é", "%2e%2e/outside"):
            for key in ("3" * 64, ""):
                self.assertIn(self.report(name=name, key=key)[0], (403, 404), name)
        self.assertEqual(self.applied, [])

    def test_a_report_cannot_be_played_again(self):
        challenge = self.challenge()
        self.assertEqual(self.report(challenge=challenge)[0], 200)
        self.assertEqual(self.report(challenge=challenge)[0], 403)

    def test_no_worker_floods_the_log_nor_keeps_others_from_it(self):
        answers = [self.report()[0] for _ in range(130)]
        self.assertEqual((answers.count(200), set(answers[120:])), (120, {403}))
        self.assertEqual(self.report(name="w2", key="2" * 64)[0], 404)
        self.time += 61
        self.assertEqual(self.report()[0], 200)

    def test_a_challenge_is_good_for_a_minute(self):
        challenge = self.challenge()
        self.time += 61
        status, answer = self.report(challenge=challenge)
        self.assertEqual((status, answer["error"]), (403, "the challenge was used before, or is too old"))

    def test_a_challenge_that_somebody_has_made_up_is_none(self):
        for challenge in ("x", "", "1700000000.ab.", f"1700000000.{'0' * 32}.{'0' * 64}", "é.é"):
            self.assertEqual(self.report(challenge=challenge or "..")[0], 403, challenge)

    def test_a_report_that_was_changed_on_the_way_is_not_taken(self):
        challenge = self.challenge()
        message = b"\n".join([challenge.encode(), b"w1", json.dumps(REPORT).encode()])
        signature = hmac.new(b"1" * 64, message, hashlib.sha256).hexdigest()
        changed = json.dumps({"problems": []}).encode()
        status, _ = self.call(
            "POST", "/lava-heartbeat/w1", changed, X_CHALLENGE=challenge, X_SIGNATURE=signature
        )
        self.assertEqual((status, self.applied), (403, []))

    def test_a_worker_that_lava_lacks_is_told(self):
        self.assertEqual(
            self.report(name="w2", key="2" * 64),
            (404, {"error": "the master does not know this worker"}),
        )

    def test_nonsense_is_refused_in_words(self):
        for body in (
            b"",
            b"x",
            b"[]",
            b"{}",
            b'{"problems": 1}',
            b'{"problems": [1]}',
            b'{"problems": [{"text": 1, "device": null, "sure": true}]}',
            b'{"problems": [{"text": "x", "device": null, "sure": 1}]}',
            b'{"problems": [{"text": "x", "device": "a\\u0000", "sure": true}]}',
            b'{"problems": [{"text": "x", "device": "\\ud800", "sure": true}]}',
            b"[" * 100_000,
            json.dumps({"problems": [REPORT["problems"][0]] * 1001}).encode(),
        ):
            status, answer = self.report(body=body)
            self.assertEqual(status, 400, body[:50])
            self.assertTrue(answer["error"])

    def test_a_report_has_a_length_and_a_limit(self):
        for length, wanted in (("", 411), ("x", 411), ("-1", 413), (str(LARGEST_REPORT + 1), 413)):
            status, _ = self.call("POST", "/lava-heartbeat/w1", b"x", CONTENT_LENGTH=length)
            self.assertEqual(status, wanted, length)

    def test_there_is_nothing_else(self):
        for method, path in (("GET", "/lava-heartbeat/w1"), ("GET", "/"), ("POST", "/lava-heartbeat/"), ("PUT", "/lava-heartbeat/w1")):
            self.assertEqual(self.call(method, path)[0], 404, path)

    def test_no_answer_holds_a_key(self):
        for answer in (self.report(), self.report(key="2" * 64), self.report(name="w2", key="2" * 64)):
            self.assertNotRegex(json.dumps(answer), "(1{32}|2{32})")


if __name__ == "__main__":
    unittest.main()
