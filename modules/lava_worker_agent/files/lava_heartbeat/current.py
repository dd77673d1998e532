"""The heartbeat of a current worker: what its own ping cannot tell, that it is alive, but of no use.

The receiver on the master (lava_heartbeat_receiver) decides what follows. It knows this worker by a
key of the worker's own, which never travels: each report is signed with it, and with a challenge that
is good for one report.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Callable, Optional, Sequence
from urllib.parse import quote, urlsplit

from way import LARGEST_ANSWER, Master, Trouble, connected, read_login, within_limit
from watch import Sight

MOST_CHANGES = 1000
LONGEST_WORDS = 500


def report_of(sights: Sequence[Sight], before: Sequence[Sight]) -> dict[str, Any]:
    """What is sent: all problems, each of one board (`device`) or of the whole worker (null).

    A problem is sure when the look before has found it too: what is just being restarted is none.
    """
    known = {(sight.kind, sight.what) for sight in before if sight.problem}
    return {
        "problems": [
            {
                "text": f"{sight.kind} {sight.what} {sight.problem}",
                "device": sight.device,
                "sure": (sight.kind, sight.what) in known,
            }
            for sight in sights
            if sight.problem
        ]
    }


def current_reporter(
    send: Callable[[dict[str, Any]], dict[str, Any]], say: Callable[[str], None]
) -> Callable[[Sequence[Sight], Sequence[Sight]], tuple[str, bool]]:
    """Reports what was seen, and gives the worker's health and whether all of it is settled."""

    def report(sights: Sequence[Sight], before: Sequence[Sight]) -> tuple[str, bool]:
        answer = send(report_of(sights, before))
        changes = answer.get("changes")
        for change in changes[:MOST_CHANGES] if isinstance(changes, list) else []:
            say(plain(change))
        return plain(answer.get("health")), answer.get("settled") is not False

    return report


def send(master: Master, report: dict[str, Any]) -> dict[str, Any]:
    """The receiver's answer to a report; raises Trouble. The key is read afresh each time."""
    name, key = read_login(master.login_file)
    body = json.dumps(report).encode()
    answer = within_limit(master, lambda: _exchange(master, name, key, body))
    if answer["status"] == 200 and isinstance(answer["said"], dict):
        return answer["said"]
    raise Trouble("http", plain(_in_words(answer, name)), answer["status"])


def plain(said: Any) -> str:
    """What the other end has said, in one line: over http it may be anybody's, and the journal and systemd take lines as orders."""
    return "".join(each if each.isprintable() else "?" for each in str(said))[:LONGEST_WORDS]


def signature(key: str, challenge: str, name: str, body: bytes) -> str:
    """By which the receiver knows that the holder of the key has written this, for this challenge."""
    return hmac.new(
        key.encode(), b"\n".join([challenge.encode(), name.encode(), body]), hashlib.sha256
    ).hexdigest()


def _exchange(master: Master, name: str, key: str, body: bytes) -> dict[str, Any]:
    connection = connected(master)
    place = urlsplit(master.url).path
    common = {"User-Agent": "lava-heartbeat"}
    connection.request("GET", place, headers=common)
    challenge = _answer_of(connection.getresponse())
    said = challenge["said"]
    if challenge["status"] != 200 or not isinstance(said, dict) or "challenge" not in said:
        return {**challenge, "status": challenge["status"] if challenge["status"] != 200 else 0}
    headers = {
        **common,
        "Content-Type": "application/json",
        "X-Challenge": said["challenge"],
        "X-Signature": signature(key, said["challenge"], name, body),
    }
    connection.request("POST", f"{place}{quote(name, safe='')}", body, headers)
    return _answer_of(connection.getresponse())


def _answer_of(response: Any) -> dict[str, Any]:
    text = response.read(LARGEST_ANSWER)
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    return {"status": response.status, "reason": response.reason, "said": said}


def _in_words(answer: dict[str, Any], name: str) -> str:
    status, said = answer["status"], answer["said"]
    told: Optional[str] = said.get("error") if isinstance(said, dict) else None
    if status in (0, 200):
        return "something other than the receiver answers at its address"
    if told is None:
        meaning = {
            400: "the master cannot read the request, or does not accept this host name",
            404: "the master has no receiver of heartbeats at this address",
            503: "the receiver of heartbeats on the master is not running",
        }.get(status, "the master cannot be used" if status >= 500 else "something else answers there")
    elif status == 403:
        meaning = f"the master does not accept the key of {name}: {told}"
    else:
        meaning = told
    return f"{meaning} (HTTP {status} {answer['reason']})"
