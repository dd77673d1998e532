"""XML-RPC calls to the master, each with a limit on its whole time."""

from __future__ import annotations

import base64
import http.client
import ssl
import xmlrpc.client
from typing import Any, NamedTuple, Optional
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

import limited

CONNECT_SECONDS = 10
LARGEST_ANSWER = 4 * 1024 * 1024

# What xmlrpc.client raises on an answer of another kind.
NO_XML_RPC = (ExpatError, xmlrpc.client.Error, ValueError, TypeError, LookupError, AssertionError)


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


def call(master: Master, method: str, *params: Any) -> Any:
    """What the method returns; raises Trouble. The login is read afresh each time."""
    login = _read_login(master.login_file)
    body = xmlrpc.client.dumps(params, method, allow_none=True).encode()
    try:
        answer = limited.within(master.answer_seconds, lambda: _post(master, login, body))
    except limited.TimedOut as error:
        raise Trouble("unreachable", f"{master.url}: {error}") from error
    except limited.WorkFailed as error:
        raise Trouble("unreachable", f"{master.url}: {error}") from error
    return _value_of(answer, login.split(":")[0], method)


def _read_login(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            login = file.read().strip()
    except OSError as error:
        raise Trouble("login", f"cannot read the login for the master: {path}: {error.strerror}")
    except UnicodeDecodeError as error:
        raise Trouble("login", f"the login for the master in {path} is not UTF-8") from error
    if ":" not in login:
        raise Trouble("login", f"the login for the master in {path} is not USER:TOKEN")
    return login


def _post(master: Master, login: str, body: bytes) -> dict[str, Any]:
    connection = _connection(master)
    connection.connect()
    connection.sock.settimeout(None)
    parts = urlsplit(master.url)
    path = (parts.path or "/RPC2") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "text/xml",
        "User-Agent": "lava-heartbeat",
        "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
    }
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    text = response.read(LARGEST_ANSWER)
    if response.status != 200:
        said = text[:200].decode("utf-8", "replace").strip()
        return {"status": response.status, "reason": response.reason, "said": said}
    try:
        (value,), _ = xmlrpc.client.loads(text, use_builtin_types=True)
        return {"value": value}
    except xmlrpc.client.Fault as fault:
        return {"fault": fault.faultCode, "said": fault.faultString}
    except NO_XML_RPC as error:
        return {"nonsense": str(error)}


def _connection(master: Master) -> http.client.HTTPConnection:
    parts = urlsplit(master.url)
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
    context = ssl.create_default_context(cafile=master.ca_file)
    return http.client.HTTPSConnection(
        parts.hostname or "", parts.port, timeout=CONNECT_SECONDS, context=context
    )


def _value_of(answer: dict[str, Any], user: str, method: str) -> Any:
    if "value" in answer:
        return answer["value"]
    if "fault" in answer:
        code = answer["fault"]
        raise Trouble("fault", _of_fault(code, answer["said"], user, method), code)
    if "status" in answer:
        raise Trouble("http", _of_status(answer, user), answer["status"])
    raise Trouble("answer", f"the master's answer is no XML-RPC: {answer['nonsense']}")


def _of_fault(code: int, said: str, user: str, method: str) -> str:
    """In words; the codes are those of lava_scheduler_app/api.py and linaro_django_xmlrpc."""
    meaning = {
        401: "the master has not seen a login in the call",
        403: f"user {user} lacks the permission lava_scheduler_app.change_worker on the master",
        404: "the master does not know this worker",
        -32601: f"the master has no {method}: is it the LAVA that 'mode' says?",
        -32603: "an error inside the master; its log says more",
    }.get(code, "the master refused")
    return f"{meaning} (fault {code}: {said.splitlines()[0] if said else ''})"


def _of_status(answer: dict[str, Any], user: str) -> str:
    status = answer["status"]
    meaning = {
        400: "the master cannot read the request, or is not meant to be called by this name",
        401: f"the master does not take the token of user {user}",
        404: "there is no XML-RPC at this address",
    }.get(status, "the master cannot be used" if status >= 500 else "something else answers there")
    said = f": {answer['said']}" if answer["said"] and "<" not in answer["said"] else ""
    return f"{meaning} (HTTP {status} {answer['reason']}{said})"
