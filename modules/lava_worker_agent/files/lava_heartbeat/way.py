"""The way to the master: one HTTP connection, its login, and a limit on the whole time."""

from __future__ import annotations

import http.client
import ssl
from typing import Any, Callable, NamedTuple, Optional
from urllib.parse import urlsplit

import limited

CONNECT_SECONDS = 10
LARGEST_ANSWER = 4 * 1024 * 1024


class Trouble(Exception):
    """Why a call came to nothing: `kind` is login, unreachable, http, answer or fault."""

    def __init__(self, kind: str, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code


class Master(NamedTuple):
    """Where the master is and where the login for it lies."""

    url: str
    login_file: str
    ca_file: Optional[str] = None
    answer_seconds: float = 30


def within_limit(master: Master, work: Callable[[], Any]) -> Any:
    """What the work returns, done in a child process within the master's time; raises Trouble."""
    try:
        return limited.within(master.answer_seconds, work)
    except (limited.TimedOut, limited.WorkFailed) as error:
        raise Trouble("unreachable", f"{master.url}: {error}") from error


def connected(master: Master) -> http.client.HTTPConnection:
    """A connection to the master; only connecting has a time-out of its own."""
    connection = unconnected(master)
    connection.connect()
    connection.sock.settimeout(None)
    return connection


def read_login(path: str) -> tuple[str, str]:
    """Name and secret in a file `NAME:SECRET`; raises Trouble."""
    try:
        with open(path, encoding="utf-8") as file:
            login = file.read().strip()
    except OSError as error:
        raise Trouble("login", f"cannot read the login for the master: {path}: {error.strerror}")
    except UnicodeDecodeError as error:
        raise Trouble("login", f"the login for the master in {path} is not UTF-8") from error
    name, colon, secret = login.partition(":")
    if colon == "":
        raise Trouble("login", f"the login for the master in {path} is not NAME:SECRET")
    return name, secret


def unconnected(master: Master) -> http.client.HTTPConnection:
    """A connection that is still to be made; without a port http.client takes the end of an IPv6 address for one."""
    parts = urlsplit(master.url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port or 80, timeout=CONNECT_SECONDS)
    context = ssl.create_default_context(cafile=master.ca_file)
    return http.client.HTTPSConnection(
        host, parts.port or 443, timeout=CONNECT_SECONDS, context=context
    )
