"""Whether a report is really of the worker that it names; no secret is sent for it."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from threading import Lock
from typing import Callable, Optional

GOOD_FOR_SECONDS = 60
MOST_IN_THAT_TIME = 120
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")


class Refusal(Exception):
    """Why a report is not taken; one sentence for the worker's log."""


class Claims:
    """Hands out challenges and takes each of them once, from whoever holds the key of the name.

    Each worker is heard so often and no more: LAVA's log, in which changes are written, is never cleared.

    A challenge is its own proof that it was handed out here, so that asking for many costs nothing.
    """

    def __init__(self, folder: str, now: Callable[[], float]) -> None:
        self._folder = folder
        self._now = now
        self._own_key = secrets.token_bytes(32)
        self._used: dict[str, tuple[float, str]] = {}
        self._lock = Lock()

    def challenge(self) -> str:
        """A text that is good for one report, for a minute."""
        text = f"{int(self._now())}.{secrets.token_hex(16)}"
        return f"{text}.{self._mark(text)}"

    def check(self, name: str, challenge: str, signature: str, body: bytes) -> None:
        """Raises Refusal unless the body was signed with the key of the name, for this challenge."""
        key = self._key_of(name)
        text, _, mark = challenge.rpartition(".")
        if not hmac.compare_digest(mark.encode(), self._mark(text).encode()):
            raise Refusal("the challenge does not come from this receiver")
        message = b"\n".join([challenge.encode(), name.encode(), body])
        wanted = hmac.new(key or b"", message, hashlib.sha256).hexdigest()
        if key is None or not hmac.compare_digest(signature.encode(), wanted.encode()):
            raise Refusal("the report is not signed with the key that the master has for this worker")
        made = int(text.partition(".")[0])
        with self._lock:
            now = self._now()
            self._used = {old: use for old, use in self._used.items() if use[0] > now - GOOD_FOR_SECONDS}
            if challenge in self._used or now - made > GOOD_FOR_SECONDS:
                raise Refusal("the challenge was used before, or is too old")
            if sum(user == name for _, user in self._used.values()) >= MOST_IN_THAT_TIME:
                raise Refusal(f"more than {MOST_IN_THAT_TIME} reports within {GOOD_FOR_SECONDS} s")
            self._used[challenge] = (now, name)

    def _mark(self, text: str) -> str:
        return hmac.new(self._own_key, text.encode(), hashlib.sha256).hexdigest()

    def _key_of(self, name: str) -> Optional[bytes]:
        if not _NAME.match(name):
            return None
        try:
            with open(os.path.join(self._folder, name), "rb") as file:
                key = file.read(1024).strip()
        except OSError:
            return None
        return key or None
