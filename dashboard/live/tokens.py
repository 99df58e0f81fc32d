"""Tokens that open the live routes: who, role and expiry, signed with a key that only this store has.

Streamlit's login does not cover routes beside its pages, so each route checks a token of its own. A page hands one to
its component; it is short-lived (a shift) and names the person in whose name an acknowledgement is written.
"""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum

from itsdangerous import BadSignature, URLSafeSerializer
from msgspec import Struct

from dashboard.errors import RisewatchError
from dashboard.store import queries, writes
from dashboard.store.database import Store
from devices import instant

SHIFT = 12 * instant.HOUR
"""How long a token opens the routes."""

_KEY_SETTING = "token_key"


class TokenError(RisewatchError):
    """A token that is missing, forged, of another store or expired."""


class Role(StrEnum):
    """What a token's bearer may do: WATCH sees, ACT also acknowledges (and has a name)."""

    WATCH = "watch"
    ACT = "act"


class Bearer(Struct, frozen=True):
    """Who shows a token. `who` is "" for a screen on which nobody has given a name."""

    who: str
    role: Role
    expires: int


class Tokens:
    """Issues and reads tokens under one key. Knows no clock: `now` is microseconds since 1970 UTC."""

    def __init__(self, key: str) -> None:
        self._serializer = URLSafeSerializer(key, salt="live")

    def issue(self, who: str, now: int, life: int = SHIFT) -> str:
        """A token in the name of `who`; without a name it may only watch."""
        role = Role.ACT if who.strip() else Role.WATCH
        token = self._serializer.dumps({"who": who.strip(), "role": role.value, "exp": now + life})
        return token if isinstance(token, str) else token.decode("ascii")

    def read(self, token: str, now: int) -> Bearer:
        """The bearer of `token`.

        Raises:
            TokenError: not signed by this store, or expired.
        """
        try:
            content = self._serializer.loads(token)
            bearer = Bearer(str(content["who"]), Role(content["role"]), int(content["exp"]))
        except (BadSignature, KeyError, TypeError, ValueError):
            raise TokenError("this screen is not known here: reload the page") from None
        if now >= bearer.expires:
            raise TokenError("this screen was opened more than a shift ago: reload the page")
        return bearer


class Shifts:
    """Signs who is on shift and since when, for the browser to remember. It opens no route.

    Attributes:
        cookie: its name; another store on the same host has another.
    """

    def __init__(self, key: str) -> None:
        self._serializer = URLSafeSerializer(key, salt="shift")
        self.cookie = f"risewatch_shift_{hashlib.sha256(key.encode('utf-8')).hexdigest()[:8]}"

    def issue(self, who: str, since: int) -> str:
        signed = self._serializer.dumps([who, since])
        return signed if isinstance(signed, str) else signed.decode("ascii")

    def read(self, text: str, now: int) -> tuple[str, int]:
        """Who, and since when.

        Raises:
            TokenError: not signed by this store, or more than a shift ago.
        """
        try:
            who, since = self._serializer.loads(text)
            found = str(who), int(since)
        except (BadSignature, TypeError, ValueError):
            raise TokenError("this shift is not known here") from None
        if not 0 <= now - found[1] < SHIFT:
            raise TokenError("this shift is over")
        return found


def token_key(store: Store) -> str:
    """The store's signing key, made at the first call and the same for every process ever after."""
    with store.reading() as connection:
        found = queries.setting(connection, _KEY_SETTING)
    if found is not None:
        return found
    with store.writing() as connection:
        writes.put_setting_once(connection, _KEY_SETTING, secrets.token_urlsafe(32))
    with store.reading() as connection:
        kept = queries.setting(connection, _KEY_SETTING)
    assert kept is not None
    return kept
