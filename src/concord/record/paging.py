"""Pages: a sealed token says behind which item the next one starts, so that nothing is skipped and nothing comes twice.

Each page is decided anew. What was withheld in the meantime is silently gone, also when it was the last one shown. A
token is encrypted, since what an answer is ordered by (a name, a birth date, a place in the store) is nothing to leave
in an address; and it opens only with the query and the asker that it was made for.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from concord.base import Clock, Incorrect, Keys
from concord.governance import Asker
from concord.store import body

Key = tuple[int | str, ...]
"""Where something stands in the order of an answer; no two stand at the same place."""
Entry = TypeVar("Entry")
_LIFE = timedelta(hours=1)
_FOREIGN = "This page link does not belong to this search. Start the search again."


class PageGone(Incorrect):
    """A page link that has outlived its hour."""


class _Sealed(msgspec.Struct, array_like=True):
    behind: tuple[int | str, ...]
    until: int


class Pager:
    def __init__(self, keys: Keys, clock: Clock) -> None:
        # Of the same page the same token, which needs no random number (RFC 5297).
        self._cipher = AESSIV(keys.hashed("page", size=64))
        self._clock = clock

    def page(
        self,
        found: Sequence[Entry],
        key: Callable[[Entry], Key],
        *,
        count: int | None,
        token: str | None,
        query: str,
        asker: Asker,
    ) -> tuple[Sequence[Entry], str | None]:
        """The entries that stand on a page of at most `count`, and the token of the next page; None on the last.

        `found` stands in the order of `key`. Raises Incorrect for a token of another query or asker, PageGone for one
        older than an hour.
        """
        behind = self.behind(token, query, asker)
        if behind is not None:
            found = [entry for entry in found if key(entry) > behind]
        if not count or len(found) <= count:
            return found if count != 0 else (), None
        shown = found[:count]
        return shown, self._seal(key(shown[-1]), query, asker)

    def behind(self, token: str | None, query: str, asker: Asker) -> Key | None:
        """Behind what a page starts; None for the first. Raises as `page` does."""
        return None if token is None else self._unseal(token, query, asker)

    def after(self, place: int, query: str, asker: Asker) -> str:
        """The token of the page that begins behind a place, of a list too long to be read whole."""
        return self._seal((place,), query, asker)

    def _seal(self, behind: Key, query: str, asker: Asker) -> str:
        until = body.microseconds(self._clock.now() + _LIFE)
        sealed = self._cipher.encrypt(msgspec.json.encode(_Sealed(behind, until)), [_asked(query, asker)])
        return urlsafe_b64encode(sealed).decode().rstrip("=")

    def _unseal(self, token: str, query: str, asker: Asker) -> Key:
        try:
            sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            text = self._cipher.decrypt(sealed, [_asked(query, asker)])
        except (ValueError, InvalidTag):
            raise Incorrect(_FOREIGN) from None
        content = msgspec.json.decode(text, type=_Sealed)
        if content.until < body.microseconds(self._clock.now()):
            raise PageGone("This page link is older than an hour. Start the search again.")
        return content.behind


def _asked(query: str, asker: Asker) -> bytes:
    """What a token belongs to."""
    return msgspec.json.encode([query, asker.author, asker.claims])
