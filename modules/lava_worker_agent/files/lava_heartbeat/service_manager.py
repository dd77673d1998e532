"""Messages to systemd, as sd_notify(3)."""

from __future__ import annotations

import os
import socket
from typing import Mapping, Optional


def notify(message: str, environment: Mapping[str, str] = os.environ) -> None:
    """Sends a message; does nothing where nobody wants it, and never fails."""
    address = environment.get("NOTIFY_SOCKET", "")
    if address == "":
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(1)
            out.sendto(message.encode(), address)
    except OSError:
        pass


def watchdog_seconds(environment: Mapping[str, str] = os.environ) -> Optional[float]:
    """After how long without a sign of life systemd kills the service; nothing when it does not."""
    try:
        limit = int(environment.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return limit / 1_000_000 if limit > 0 else None
