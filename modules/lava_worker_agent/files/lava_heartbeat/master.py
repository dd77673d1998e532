"""XML-RPC calls to a classic master, each with a limit on its whole time."""

from __future__ import annotations

import base64
import xmlrpc.client
from typing import Any
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

from way import LARGEST_ANSWER, Master, Trouble, connected, read_login, within_limit

# What xmlrpc.client raises on an answer of another kind.
NO_XML_RPC = (ExpatError, xmlrpc.client.Error, ValueError, TypeError, LookupError, AssertionError)


def call(master: Master, method: str, *params: Any) -> Any:
    """What the method returns; raises Trouble. The login is read afresh each time."""
    login = ":".join(read_login(master.login_file))
    body = xmlrpc.client.dumps(params, method, allow_none=True).encode()
    answer = within_limit(master, lambda: _post(master, login, body))
    return _value_of(answer, login.split(":")[0], method)


def _post(master: Master, login: str, body: bytes) -> dict[str, Any]:
    connection = connected(master)
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


def _value_of(answer: dict[str, Any], user: str, method: str) -> Any:
    if "value" in answer:
        return answer["value"]
    if "fault" in answer:
        code = answer["fault"]
        raise Trouble("fault", _of_fault(code, answer["said"], user, method), code)
    if "status" in answer:
        raise Trouble("http", _of_status(answer, user), answer["status"])
    raise Trouble("answer", f"the master's answer is not XML-RPC: {answer['nonsense']}")


def _of_fault(code: int, said: str, user: str, method: str) -> str:
    """In words; the codes are those of lava_scheduler_app/api.py and linaro_django_xmlrpc."""
    meaning = {
        401: "the master found no login in the call",
        403: f"the master accepts no heartbeat from user {user}: only from lava-health, which needs no permission",
        -32601: f"the master has no {method}: is it the LAVA that 'mode' says?",
        -32603: "an internal error of the master; its log shows more",
    }.get(code, "the master refused the call")
    return f"{meaning} (fault {code}: {said.splitlines()[0] if said else ''})"


def _of_status(answer: dict[str, Any], user: str) -> str:
    status = answer["status"]
    meaning = {
        400: "the master cannot read the request, or does not accept this host name",
        401: f"the master does not accept the token of user {user}",
        404: "there is no XML-RPC at this address",
    }.get(status, "the master cannot be used" if status >= 500 else "something else answers there")
    said = f": {answer['said']}" if answer["said"] and "<" not in answer["said"] else ""
    return f"{meaning} (HTTP {status} {answer['reason']}{said})"
