"""A stand-in for a classic LAVA master's XML-RPC, for tests and for lab hosts.

It follows lava-server's lava_scheduler_app/api.py and linaro_django_xmlrpc: logins, status codes,
faults, and what becomes of the rows. One file, Python's standard library only:

  python3 xmlrpc_master.py --port 8080 --login lava-health:TOKEN --device panda01

With --tls-port and --certificate (a PEM file with its key) it speaks https too.
GET /control gives all that it knows as JSON; POST /control with {"mode": MODE} changes it. Modes: normal, http-400, http-401, http-500 and the like; black-hole (accepts and never
answers), drip (a byte now and then, without end), hang-up (closes without an answer),
nonsense (no XML), fault-401, fault--32603 and the like; each can be told for so many calls:
{"mode": "fault--32603", "calls": 2}.
"""

from __future__ import annotations

import argparse
import base64
import json
import ssl
import sys
import threading
import xmlrpc.client
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Master:
    """All that the stand-in knows; `lock` guards it."""

    def __init__(self, logins, devices):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.ended = False
        self.logins = logins
        self.mode = "normal"
        self.calls_left = None
        self.connections = 0
        self.calls = []
        self.rows = {}
        self.devices = {name: None for name in devices}

    def seen(self):
        with self.lock:
            return {
                "mode": self.mode,
                "connections": self.connections,
                "calls": self.calls,
                "rows": self.rows,
                "devices": self.devices,
            }

    def control(self, wanted):
        with self.lock:
            self.mode = wanted.get("mode", self.mode)
            if "mode" in wanted:
                self.calls_left = wanted.get("calls")
            if wanted.get("forget"):
                self.rows.clear()
                self.calls.clear()
                self.connections = 0
            self.changed.notify_all()

    def mode_of_call(self):
        """The mode for one call; counts down where it holds for so many only."""
        with self.lock:
            self.connections += 1
            mode = self.mode
            if self.calls_left is not None:
                self.calls_left -= 1
                if self.calls_left <= 0:
                    self.mode, self.calls_left = "normal", None
            return mode

    def wait_while(self, mode, seconds=None):
        """Waits until the mode is another one, or the time is over; says whether the mode still holds."""
        with self.lock:
            self.changed.wait_for(lambda: self.mode != mode or self.ended, seconds)
            return self.mode == mode and not self.ended

    def end(self):
        with self.lock:
            self.ended = True
            self.changed.notify_all()


def worker_heartbeat(master, user, data):
    """scheduler.worker_heartbeat and Worker.update_heartbeat of lava-server 2014.03."""
    if user is None:
        raise xmlrpc.client.Fault(401, "Authentication required.")
    if user != "lava-health" and "change_worker" not in master.logins[user]["may"]:
        raise xmlrpc.client.Fault(403, "Permission denied.")
    told = json.loads(data)
    row = master.rows.setdefault(told["hostname"], {"hostname": told["hostname"]})
    row["uptime"] = told["uptime"]
    row["last_heartbeat"] = datetime.now(timezone.utc).isoformat()
    if told["info_size"] == "complete":
        for column, key in COMPLETE.items():
            row[column] = told[key]
    for device in told["devices"]:
        if device in master.devices:
            master.devices[device] = told["hostname"]
    return True


COMPLETE = {
    "arch": "arch",
    "hardware_info": "hardware_info",
    "software_info": "software_info",
    "platform": "platform",
    "ip_address": "ipaddr",
}


METHODS = {
    "scheduler.worker_heartbeat": worker_heartbeat,
    "system.listMethods": lambda _master, _user: sorted(METHODS),
    "system.whoami": lambda _master, user: user,
}


def answer_of(master, user, body):
    """The XML of the answer; the faults are those of linaro_django_xmlrpc."""
    try:
        params, method = xmlrpc.client.loads(body)
        with master.lock:
            master.calls.append({"user": user, "method": method, "params": list(params)})
            if method not in METHODS:
                raise xmlrpc.client.Fault(-32601, f"Method does not exist: {method}")
            value = METHODS[method](master, user, *params)
        return xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True)
    except xmlrpc.client.Fault as fault:
        return xmlrpc.client.dumps(fault)
    except Exception as error:
        text = f"Internal Server Error (contact server administrator for details): {error!r}"
        return xmlrpc.client.dumps(xmlrpc.client.Fault(-32603, text))


class Handler(BaseHTTPRequestHandler):
    """One request; `master` is set by `serve`."""

    master: Master

    def do_GET(self):
        if self.path != "/control":
            return self.send_text(404, "Not Found")
        self.send_text(200, json.dumps(self.master.seen(), default=str), "application/json")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/control":
            self.master.control(json.loads(body))
            return self.send_text(200, "{}", "application/json")
        if self.path.rstrip("/") != "/RPC2":
            return self.send_text(404, "Not Found")
        mode = self.master.mode_of_call()
        if mode == "black-hole":
            self.master.wait_while(mode)
            return self.hang_up()
        if mode == "hang-up":
            return self.hang_up()
        if mode == "drip":
            return self.drip()
        if mode == "nonsense":
            return self.send_text(200, "<html><p>It works!</html>")
        if mode.startswith("http-"):
            status = int(mode[len("http-") :])
            return self.send_text(status, "Invalid token" if status == 401 else "an error page")
        if mode.startswith("fault-"):
            fault = xmlrpc.client.Fault(int(mode[len("fault-") :]), "as the test wants")
            return self.send_text(200, xmlrpc.client.dumps(fault), "text/xml")
        self.answer(body)

    def answer(self, body):
        header = self.headers.get("Authorization")
        user = None
        if header is not None:
            try:
                scheme, encoded = header.split(" ")
                user, token = base64.b64decode(encoded, validate=True).decode().split(":", 1)
            except ValueError:
                scheme = ""
            if scheme.lower() != "basic":
                return self.send_text(400, "Invalid HTTP_AUTHORIZATION header")
            if self.master.logins.get(user, {}).get("token") != token:
                return self.send_text(401, "Invalid token")
        self.send_text(200, answer_of(self.master, user, body), "text/xml")

    def drip(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        while self.master.wait_while("drip", 0.02):
            try:
                self.wfile.write(b" ")
            except OSError:
                return
        self.hang_up()

    def hang_up(self):
        self.close_connection = True

    def send_text(self, status, text, kind="text/plain"):
        data = text.encode()
        self.send_response(status)
        if status == 401:
            realm = 'Basic realm="XML-RPC Authentication token"'
            self.send_header("WWW-Authenticate", realm)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def login_of(text):
    """NAME:TOKEN, or NAME:TOKEN:PERMISSION."""
    name, token, *may = text.split(":")
    return name, {"token": token, "may": may}


def serve_securely(server, certificate):
    """Serves https beside all else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--login", type=login_of, action="append", default=[])
    parser.add_argument("--device", action="append", default=[])
    parser.add_argument("--tls-port", type=int)
    parser.add_argument("--certificate")
    given = parser.parse_args()
    master = Master(dict(given.login), given.device)
    handler = type("MasterHandler", (Handler,), {"master": master})
    server = ThreadingHTTPServer((given.address, given.port), handler)
    server.daemon_threads = True
    if given.tls_port is not None:
        serve_securely(ThreadingHTTPServer((given.address, given.tls_port), handler), given.certificate)
    print(f"listening on {server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        master.end()
        sys.exit(0)


if __name__ == "__main__":
    main()
