"""The heartbeat of a LAVA worker, as a systemd service: python3 /usr/lib/lava-heartbeat CONFIG.

Needs nothing but Python 3.9 and its standard library.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
from typing import Any, Callable, Sequence

import limited
import payload
from beating import World, beat_for_ever
from classic import Classic, classic_reporter
from configuration import Configuration, WrongConfiguration, read_configuration
from current import current_reporter, send
from master import call
from service_manager import notify, watchdog_seconds
from status import Status, iso_time, metrics_text, status_text, write_whole
from watch import Sight, watcher
from way import Master
from worker_conf import heartbeat_period

EX_USAGE = 64
EX_OSERR = 71
EX_CONFIG = 78
TICK_SECONDS = 20
DESCRIBE_SECONDS = 25


def main(arguments: list[str]) -> int:
    """Runs until it is ended by a signal; the status of an early end is one of sysexits.h."""
    if len(arguments) != 1:
        _warn("give one argument: the file with the configuration")
        return EX_USAGE
    try:
        configuration = read_configuration(arguments[0])
    except WrongConfiguration as error:
        _warn(str(error))
        return EX_CONFIG
    faulthandler.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    tick = min(TICK_SECONDS, (watchdog_seconds() or 3 * TICK_SECONDS) / 3)
    mode, host, url = configuration.mode, configuration.host, configuration.url
    status = Status(mode, host, url, started=time.time(), period=0, next_try=time.time())
    notify("READY=1")
    try:
        beat_for_ever(
            World(
                now=time.monotonic,
                wall=time.time,
                sleep=time.sleep,
                tick=tick,
                period=lambda: heartbeat_period(configuration.worker_conf),
                look=watcher(configuration, _alive),
                report=_reporter(configuration),
                publish=_publisher(configuration),
                alive=_alive,
                say=_say,
                warn=_warn,
            ),
            status,
        )
    except limited.CannotStart as error:
        _warn(f"no process can be started: {error}; restarting")
        return EX_OSERR
    return 0


def _reporter(
    configuration: Configuration,
) -> Callable[[Sequence[Sight], Sequence[Sight]], tuple[str, bool]]:
    host, url = configuration.host, configuration.url
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    login = os.path.join(credentials, "login") if credentials else configuration.credentials
    master = Master(url, login, configuration.ca_file, configuration.answer_seconds)

    if configuration.mode == "current":
        return current_reporter(lambda report: send(master, report), _say)

    def call_alive(method: str, *parameters: Any) -> Any:
        _alive()
        return call(master, method, *parameters)

    def describe() -> dict[str, str]:
        _alive()
        try:
            return limited.within(DESCRIBE_SECONDS, lambda: payload.describe_host(host, url))
        except (limited.TimedOut, limited.WorkFailed) as error:
            _warn(f"cannot describe this host: {error}")
            return payload.EMPTY_DESCRIPTION

    return classic_reporter(
        Classic(
            call=call_alive,
            minimal=lambda: payload.minimal(
                host, payload.uptime(), payload.device_names(configuration.devices or "")
            ),
            describe=describe,
            now=time.monotonic,
            sleep=time.sleep,
        )
    )


def _publisher(configuration: Configuration) -> Callable[[Status], None]:
    told: set[str] = set()

    def write(path: str, text: str) -> None:
        try:
            write_whole(path, text)
            told.discard(path)
        except OSError as error:
            if path not in told:
                _warn(f"cannot write {path}: {error.strerror}")
            told.add(path)

    def publish(status: Status) -> None:
        write(os.path.join(_folder("RUNTIME_DIRECTORY"), "status.json"), status_text(status))
        if configuration.textfile is not None:
            write(configuration.textfile, metrics_text(status))
        last = iso_time(status.last_success) if status.last_success else "never"
        failing = f"; failing: {status.last_error}" if status.failures_in_a_row else ""
        notify(f"STATUS=last heartbeat {last}, next {iso_time(status.next_try)}{failing}")

    return publish


def _folder(variable: str) -> str:
    """A folder that systemd made for the unit; the present one where the program runs by itself."""
    return os.environ.get(variable, "").split(":")[0] or "."


def _alive() -> None:
    notify("WATCHDOG=1")


def _say(text: str) -> None:
    print(f"<6>{text}", file=sys.stderr, flush=True)


def _warn(text: str) -> None:
    print(f"<4>{text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
