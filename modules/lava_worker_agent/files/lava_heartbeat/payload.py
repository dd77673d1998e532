"""What a classic heartbeat says (lava_scheduler_daemon/worker.py, lava-server 2014.03)."""

from __future__ import annotations

import html
import json
import os
import platform
import socket
import subprocess
from datetime import timedelta
from typing import Any, Optional, Sequence
from urllib.parse import urlsplit

COMMAND_SECONDS = 15
_PACKAGES = ("lava*", "linaro-*", "ser2net", "sshfs")


def minimal(host: str, uptime_seconds: float, devices: Sequence[str]) -> dict[str, Any]:
    """The payload of every heartbeat but the first."""
    return {
        "info_size": "minimal",
        "hostname": host,
        "uptime": str(timedelta(seconds=int(uptime_seconds))),
        "devices": list(devices),
    }


def complete(small: dict[str, Any], description: dict[str, str]) -> dict[str, Any]:
    """The payload that fills the master's whole row."""
    return {**small, "info_size": "complete", **description}


def device_names(folder: str) -> list[str]:
    """The devices of the dispatcher: the base names of its `*.conf`."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(name[: -len(".conf")] for name in names if name.endswith(".conf"))


def uptime() -> float:
    """Seconds since this host started."""
    with open("/proc/uptime", encoding="ascii") as file:
        return float(file.read().split()[0])


def describe_host(host: str, rpc2_url: str) -> dict[str, str]:
    """The further fields of a complete heartbeat; may take long, see `limited`."""
    return {
        "arch": platform.machine(),
        "platform": platform.platform(),
        "ipaddr": _address(host, rpc2_url),
        "hardware_info": json.dumps(_output("lshw", "-html") or ""),
        "software_info": json.dumps(_package_table()),
    }


EMPTY_DESCRIPTION = {
    "arch": "",
    "platform": "",
    "ipaddr": "",
    "hardware_info": json.dumps(""),
    "software_info": json.dumps(""),
}


def _address(host: str, rpc2_url: str) -> str:
    """The address of the host's name, or the one towards the master where that is a loopback, as
    Debian's /etc/hosts has it.
    """
    try:
        address = socket.gethostbyname(host)
        if not address.startswith("127."):
            return address
    except OSError:
        pass
    try:
        parts = urlsplit(rpc2_url)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((parts.hostname, parts.port or 80))
            return probe.getsockname()[0]
    except OSError:
        return ""


def _package_table() -> str:
    listed = _output("dpkg-query", "-W", "-f", "${Package}\t${Version}\n", *_PACKAGES) or ""
    rows = [line.split("\t") for line in listed.splitlines()]
    cells = [
        f"<tr><td>{html.escape(row[0])}</td><td>{html.escape(row[1])}</td></tr>"
        for row in rows
        if len(row) == 2 and row[1]
    ]
    return f"<table><tr><th>Package</th><th>Version</th></tr>{''.join(cells)}</table>"


def _output(*command: str) -> Optional[str]:
    """What a command prints, also when it complains; nothing where there is no such command."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace")
