"""The receiver of heartbeats on loopback, the real one but for LAVA, which is a few things in memory.

usage: heartbeat_receiver.py KEYS [--port N] [--worker NAME] [--device WORKER:NAME]
GET /control gives all that is known as JSON; POST /control with {"things": {NAME: {"health": …}}, "mode": "down"}
changes it: "down" answers 503, as apache2 does while the receiver does not run; "hang" never answers.
"""

import argparse
import json
import os
import sys
import threading
import time
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from socketserver import ThreadingMixIn

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../modules/lava_server/files/lava_heartbeat_receiver"))

from app import application_with
from claim import Claims
from judgement import Thing, judge
from report import scope_of

IN_SERVICE = {True: ("Active",), False: ("Good", "Unknown")}


class Lava:
    """Workers and devices with their health and its log."""

    def __init__(self, workers, devices):
        self.things = {name: {"worker": name, "health": "Active", "log": [], "busy": False} for name in workers}
        for worker, name in (each.split(":") for each in devices):
            self.things[name] = {"worker": worker, "health": "Good", "log": [], "busy": False}
        self.reports = []
        self.mode = "normal"

    def apply(self, name, problems):
        """As records.py does it."""
        if name not in self.things:
            raise LookupError(name)
        self.reports.append([name, [problem._asdict() for problem in problems]])
        changes, settled = [], True
        for each, thing in self.things.items():
            if thing["worker"] != name:
                continue
            scope = scope_of(problems, None if each == name else each)
            if not scope.is_sure:
                settled = False
                continue
            seen = Thing(thing["health"], IN_SERVICE[each == name], thing["log"][::-1], thing["busy"])
            verdict = judge(seen, scope.texts)
            if verdict is None:
                settled = settled and not (thing["busy"] and scope.texts)
                continue
            thing["health"] = verdict.health
            thing["log"].append(verdict.entry)
            changes.append(f"{each}: {verdict.entry}")
        return {"health": self.things[name]["health"], "changes": changes, "settled": settled}

    def control(self, wanted):
        """Carries out an order and tells all."""
        self.mode = wanted.get("mode", self.mode)
        for name, values in wanted.get("things", {}).items():
            self.things[name].update(values)
        return {"things": self.things, "reports": self.reports}


class Server(ThreadingMixIn, WSGIServer):
    """Answers several at a time, of whom one may hang."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Does not log."""

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("keys")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--worker", action="append", default=[])
    parser.add_argument("--device", action="append", default=[])
    options = parser.parse_args()
    lava = Lava(options.worker, options.device)
    receiver = application_with(lava.apply, Claims(options.keys, time.time))

    def serve(environ, start_response):
        if environ["PATH_INFO"] == "/control":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            answer = json.dumps(lava.control(json.loads(body or b"{}"))).encode()
            start_response("200 OK", [("Content-Type", "application/json")])
            return [answer]
        if lava.mode == "hang":
            threading.Event().wait()
        if lava.mode == "down":
            start_response("503 Service Unavailable", [("Content-Type", "text/html")])
            return [b"<html>Service Unavailable</html>"]
        return receiver(environ, start_response)

    server = make_server("127.0.0.1", options.port, serve, Server, Quiet)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
