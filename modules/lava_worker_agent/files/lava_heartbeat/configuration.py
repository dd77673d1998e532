"""The configuration of the heartbeat: one JSON file, checked whole before anything starts."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Optional
from urllib.parse import urlsplit


class WrongConfiguration(Exception):
    """The file cannot be used; one sentence for the admin."""


class Board(NamedTuple):
    """A board, the link to its serial adapter, and the TCP port on which its console must listen."""

    name: str
    link: Optional[str] = None
    port: Optional[int] = None
    board_powered: bool = False


class Disk(NamedTuple):
    """A file system and how full it may be."""

    path: str
    max_used_percent: float


class Configuration(NamedTuple):
    """What to report, where to, and what to look at; see docs/heartbeat.md."""

    mode: str
    host: str
    url: str
    credentials: str
    worker_conf: str
    ca_file: Optional[str] = None
    answer_seconds: float = 30
    devices: Optional[str] = None
    mounts: tuple[str, ...] = ()
    boards: tuple[Board, ...] = ()
    disks: tuple[Disk, ...] = ()
    textfile: Optional[str] = None


def read_configuration(path: str) -> Configuration:
    """The configuration in a file; raises WrongConfiguration."""
    try:
        with open(path, encoding="utf-8") as file:
            given = json.load(file)
    except OSError as error:
        raise WrongConfiguration(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise WrongConfiguration(f"{path} is not JSON: {error}") from error
    try:
        return configuration_of(given)
    except WrongConfiguration as error:
        raise WrongConfiguration(f"{path}: {error}") from error


def configuration_of(given: Any) -> Configuration:
    """The configuration in what JSON gave; raises WrongConfiguration."""
    _require(isinstance(given, dict), "the configuration must be a map")
    for key in given:
        _require(key in Configuration._fields, f"unknown key '{key}'")
    for key in ("mode", "host", "url", "credentials", "worker_conf"):
        _require(_is_text(given.get(key)), f"'{key}' must be text")
    for key in ("ca_file", "devices", "textfile"):
        _require(given.get(key) is None or _is_text(given[key]), f"'{key}' must be text")
    seconds = given.get("answer_seconds", 30)
    _require(
        type(seconds) in (int, float) and 0 < seconds <= 30, "'answer_seconds' must be 30 at most"
    )
    _require(given["mode"] in ("classic", "current"), "'mode' must be classic or current")
    _require(_is_url(given["url"]), "'url' must be an http or https URL without a login")
    if given["mode"] == "classic":
        _require(_is_text(given.get("devices")), "'devices' must be text in mode classic")
    return Configuration(
        **{
            **given,
            "mounts": _texts(given, "mounts"),
            "boards": tuple(_board(each) for each in _list(given, "boards")),
            "disks": tuple(_disk(each) for each in _list(given, "disks")),
        }
    )


def _require(holds: bool, complaint: str) -> None:
    if not holds:
        raise WrongConfiguration(complaint)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        return is_complete and "@" not in parts.netloc
    except ValueError:
        return False


def _list(given: dict[str, Any], key: str) -> list[Any]:
    value = given.get(key, [])
    _require(isinstance(value, list), f"'{key}' must be a list")
    return value


def _texts(given: dict[str, Any], key: str) -> tuple[str, ...]:
    values = _list(given, key)
    _require(all(_is_text(each) for each in values), f"'{key}' must be a list of texts")
    return tuple(values)


def _board(given: Any) -> Board:
    port = given.get("port") if isinstance(given, dict) else None
    _require(
        isinstance(given, dict)
        and set(given) <= set(Board._fields)
        and _is_text(given.get("name"))
        and (given.get("link") is None or _is_text(given["link"]))
        and (port is None or (type(port) is int and 0 < port < 65536))
        and type(given.get("board_powered", False)) is bool,
        "each of 'boards' must have a 'name', and may have a 'link', a 'port' from 1 to 65535, "
        "and 'board_powered'",
    )
    return Board(**given)


def _disk(given: Any) -> Disk:
    _require(
        isinstance(given, dict)
        and set(given) == {"path", "max_used_percent"}
        and _is_text(given["path"])
        and type(given["max_used_percent"]) in (int, float)
        and 0 < given["max_used_percent"] <= 100,
        "each of 'disks' must have a 'path' and a 'max_used_percent' up to 100",
    )
    return Disk(**given)
