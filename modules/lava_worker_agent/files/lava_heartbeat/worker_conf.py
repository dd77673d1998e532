"""HEARTBEAT_TIMEOUT as lava-server of 2014 reads it (lava_server/settings/config_file.py)."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

DEFAULT_SECONDS = 300

# A line that does not match is silently ignored: unquoted, with blanks around "=", with export,
# with a single quote in the value. The value is greedy, as there: it ends at the last quote.
_LINE = re.compile(r"""^(\w+)=["']([^']*)["']\s*(?:#.*)?$""")
_INTEGER = re.compile(r"^\s*[+-]?[0-9]+\s*$")


class Period(NamedTuple):
    """How often to report, and what is wrong with the file that should say so."""

    seconds: int
    complaint: Optional[str] = None


def heartbeat_period(path: str) -> Period:
    """The period that the file gives now; 300 s when it does not, as in lava-server."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except FileNotFoundError:
        return Period(DEFAULT_SECONDS)
    except OSError as error:
        return Period(DEFAULT_SECONDS, f"cannot read {path}: {error.strerror}")
    return period_in(text, path)


def period_in(text: str, path: str) -> Period:
    """The period in the text of a worker.conf."""
    value = settings_in(text).get("HEARTBEAT_TIMEOUT", "")
    if value == "":
        return Period(DEFAULT_SECONDS, _ignored_line(text, path))
    if not _INTEGER.match(value):
        return Period(DEFAULT_SECONDS, f"{path}: HEARTBEAT_TIMEOUT is not a whole number: '{value}'")
    seconds = int(value)
    if seconds < 1:
        return Period(DEFAULT_SECONDS, f"{path}: HEARTBEAT_TIMEOUT is below 1: '{value}'")
    return Period(seconds)


def settings_in(text: str) -> dict[str, str]:
    """The keys and values that lava-server sees; the last line of a key wins."""
    matches = (_LINE.match(line) for line in text.split("\n"))
    return {match[1]: match[2] for match in matches if match}


def _ignored_line(text: str, path: str) -> Optional[str]:
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"\s*(export\s+)?HEARTBEAT_TIMEOUT\b", line) and not _LINE.match(line):
            return f"{path}:{number}: the line is ignored, write HEARTBEAT_TIMEOUT='300'"
    return None
