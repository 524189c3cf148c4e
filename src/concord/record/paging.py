"""Pages: a sealed token says behind which item the next one starts, so that nothing is skipped and nothing comes twice.

Each page is decided anew. What was withheld in the meantime is silently gone, also when it was the last one shown. A
token is encrypted, since what an answer is ordered by (a name, a birth date, a place in the store) is nothing to leave
in an address; and it opens only with the query and the asker that it was made for. What was asked may name a person
too: a link to a page holds that and the token, sealed once more, for addresses are kept in many places.
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
Pairs = list[tuple[str, str]]
"""Names and values of the parameters of a request."""
Entry = TypeVar("Entry")
_LIFE = timedelta(hours=1)
_FOREIGN = "This page link does not belong to this search. Start the search again."


class PageGone(Incorrect):
    """A page link that has outlived its hour."""


class _Sealed(msgspec.Struct, array_like=True):
    behind: tuple[int | str, ...]
    until: int


class _Seal:
    """What it closes opens under the same key, for what it belongs to, and tells nothing before."""

    def __init__(self, keys: Keys, purpose: str) -> None:
        # Of the same content the same text, which needs no random number (RFC 5297).
        self._cipher = AESSIV(keys.hashed(purpose, size=64))

    def close(self, content: object, belongs_to: bytes) -> str:
        sealed = self._cipher.encrypt(msgspec.json.encode(content), [belongs_to])
        return urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, text: str, belongs_to: bytes) -> bytes:
        """Raises Incorrect for what was closed otherwise."""
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return self._cipher.decrypt(sealed, [belongs_to])
        except (ValueError, InvalidTag):
            raise Incorrect(_FOREIGN) from None


class PageLinks:
    """What a link to a page says: all that was asked, and the token of the page."""

    def __init__(self, keys: Keys) -> None:
        self._seal = _Seal(keys, "page-link")

    def link(self, asked: Pairs, token: str, at: str, asker: Asker) -> str:
        """`at`: the address, below that of the API, at which it was asked."""
        return self._seal.close((asked, token), _asked(at, asker))

    def asked_by(self, link: str, at: str, asker: Asker) -> tuple[Pairs, str]:
        """What `link` was given. Raises Incorrect for the link of another address or asker."""
        return msgspec.json.decode(self._seal.open(link, _asked(at, asker)), type=tuple[Pairs, str])


class Pager:
    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._tokens = _Seal(keys, "page")
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
        return self._tokens.close(_Sealed(behind, until), _asked(query, asker))

    def _unseal(self, token: str, query: str, asker: Asker) -> Key:
        content = msgspec.json.decode(self._tokens.open(token, _asked(query, asker)), type=_Sealed)
        if content.until < body.microseconds(self._clock.now()):
            raise PageGone("This page link is older than an hour. Start the search again.")
        return content.behind


def _asked(query: str, asker: Asker) -> bytes:
    """What a token or link belongs to."""
    return msgspec.json.encode([query, asker.author, asker.claims])
