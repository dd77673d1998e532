"""What the heartbeat says of itself: status.json, and metrics for node_exporter."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import Any, NamedTuple, Optional

from watch import Sight, problems_in


class Status(NamedTuple):
    """All that is to be told; times are seconds since 1970."""

    mode: str
    host: str
    url: str
    started: float
    period: int
    next_try: float
    period_complaint: Optional[str] = None
    last_try: Optional[float] = None
    last_success: Optional[float] = None
    last_report: Optional[str] = None
    last_error: Optional[str] = None
    last_error_time: Optional[float] = None
    failures_in_a_row: int = 0
    succeeded: int = 0
    failed: int = 0
    sights: tuple[Sight, ...] = ()


def status_text(status: Status) -> str:
    """The text of status.json."""
    error = None
    if status.last_error is not None:
        error = {"time": _when(status.last_error_time), "message": status.last_error}
    told: dict[str, Any] = {
        "mode": status.mode,
        "host": status.host,
        "url": status.url,
        "started": _when(status.started),
        "period": status.period,
        "period_complaint": status.period_complaint,
        "last_try": _when(status.last_try),
        "last_success": _when(status.last_success),
        "last_report": status.last_report,
        "last_error": error,
        "failures_in_a_row": status.failures_in_a_row,
        "next_try": _when(status.next_try),
        "problems": problems_in(status.sights),
        "looked_at": [sight._asdict() for sight in status.sights],
    }
    return json.dumps(told, indent=2) + "\n"


def metrics_text(status: Status) -> str:
    """The text for node_exporter's textfile collector."""
    is_up = status.last_success is not None and status.failures_in_a_row == 0
    failures = status.failures_in_a_row
    gauges = [
        ("up", "Whether the last heartbeat reached the master.", int(is_up)),
        ("period_seconds", "HEARTBEAT_TIMEOUT in use.", status.period),
        ("failures_in_a_row", "Failed heartbeats since the last successful one.", failures),
        ("last_try_timestamp_seconds", "When a heartbeat was last attempted.", status.last_try),
        ("last_success_timestamp_seconds", "When a heartbeat last succeeded.", status.last_success),
    ]
    lines = []
    for name, help_text, value in gauges:
        lines += _head(name, "gauge", help_text)
        lines.append(f"lava_heartbeat_{name} {0 if value is None else value}")
    lines += _head("sent_total", "counter", "Heartbeats since the start, by result.")
    lines.append(f'lava_heartbeat_sent_total{{result="ok"}} {status.succeeded}')
    lines.append(f'lava_heartbeat_sent_total{{result="failed"}} {status.failed}')
    if status.sights:
        lines += _head("problem", "gauge", "Whether a checked item has a problem.")
        for sight in status.sights:
            labels = f'kind="{_label(sight.kind)}",what="{_label(sight.what)}"'
            lines.append(f"lava_heartbeat_problem{{{labels}}} {int(sight.problem is not None)}")
    return "\n".join(lines) + "\n"


def write_whole(path: str, text: str) -> None:
    """Writes a file so that a reader finds the old or the new text, never half of one."""
    partial = f"{path}.new"
    with open(partial, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    os.replace(partial, path)


def iso_time(seconds: float) -> str:
    """A time as people and programs read it: UTC, to the second."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _when(seconds: Optional[float]) -> Optional[str]:
    return None if seconds is None else iso_time(seconds)


def _head(name: str, kind: str, help_text: str) -> list[str]:
    return [f"# HELP lava_heartbeat_{name} {help_text}", f"# TYPE lava_heartbeat_{name} {kind}"]


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
