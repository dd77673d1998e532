"""Takes the reports of the workers' heartbeats for a LAVA master: a WSGI application behind apache2.

GET gives a challenge; POST with the name of a worker takes its signed report. All that a report can
change is the health of that worker and of its own devices (records.py).
"""

from __future__ import annotations

import json
import os
import time
from typing import Any, Callable, Iterable, Mapping

from claim import Claims, Refusal
from report import WrongReport, read_report

KEYS = os.environ.get("LAVA_HEARTBEAT_KEYS", "/etc/lava-heartbeat-receiver/keys")
PLACE = "/lava-heartbeat/"
LARGEST_REPORT = 256 * 1024

Answer = tuple[str, Mapping[str, Any]]


def application_with(
    apply: Callable[[str, Any], Mapping[str, Any]], claims: Claims
) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """The application; `apply` carries out a report of a worker and raises LookupError for one that LAVA lacks."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status, answer = _answer(environ, apply, claims)
        body = json.dumps(answer).encode() + b"\n"
        start_response(
            status,
            [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
            ],
        )
        return [body]

    return application


def _answer(
    environ: dict[str, Any], apply: Callable[[str, Any], Mapping[str, Any]], claims: Claims
) -> Answer:
    path = environ.get("PATH_INFO", "")
    name = path[len(PLACE) :] if path.startswith(PLACE) else None
    method = environ.get("REQUEST_METHOD")
    if method == "GET" and name == "":
        return "200 OK", {"challenge": claims.challenge()}
    if method != "POST" or not name:
        return _error("404 Not Found", "only reports of workers are accepted here")
    try:
        length = int(environ.get("CONTENT_LENGTH") or "")
    except ValueError:
        return _error("411 Length Required", "the report has no Content-Length")
    if not 0 <= length <= LARGEST_REPORT:
        return _error("413 Payload Too Large", f"a report may have at most {LARGEST_REPORT} bytes")
    body = environ["wsgi.input"].read(length)
    try:
        claims.check(
            name, environ.get("HTTP_X_CHALLENGE", ""), environ.get("HTTP_X_SIGNATURE", ""), body
        )
        return "200 OK", apply(name, read_report(body))
    except Refusal as refusal:
        return _error("403 Forbidden", str(refusal))
    except WrongReport as wrong:
        return _error("400 Bad Request", str(wrong))
    except LookupError:
        return _error("404 Not Found", "the master does not know this worker")


def _error(status: str, words: str) -> Answer:
    return status, {"error": words}


def application() -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """What gunicorn serves."""
    from records import apply_report

    return application_with(apply_report, Claims(KEYS, time.time))
