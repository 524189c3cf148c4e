"""The hashes of the chain: SHA-256 throughout, written so that anyone can compute them (docs/explanation/audit.md).

A text of several fields is each field's length (four bytes, the greatest first) and its UTF-8 bytes, one after the
other, so that no two lists of fields are the same bytes. Leaves, nodes and links begin with a byte of their own, so
that none can stand for another (as RFC 6962 does).
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

NOTHING_BEFORE = bytes(32)
_LEAF, _NODE, _LINK = b"\x00", b"\x01", b"\x02"


def salted(salt: str | bytes, content: str) -> bytes:
    """What stands in a row for what lies beside it."""
    return sha256((salt.encode() if isinstance(salt, str) else salt) + content.encode()).digest()


def leaf(
    at: int, action: str, outcome: str, who: str, person: str | None, *, context: bytes | None, detail: bytes | None
) -> bytes:
    """The hash of a row. `at` in microseconds since 1970 UTC; `context` and `detail` as salted hashes."""
    texts = (str(at), action, outcome, who, person or "", _hex(context), _hex(detail))
    return sha256(_LEAF + _joined(texts)).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle root of at least one leaf: pairs from the left, an odd one last goes up as it is."""
    level = list(leaves)
    while len(level) > 1:
        pairs = [sha256(_NODE + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def link(chain: str, position: int, previous: bytes, root_: bytes) -> bytes:
    """The hash of a link. `previous`: that of the link before, NOTHING_BEFORE for the first (position 1)."""
    return sha256(_LINK + _joined((chain, str(position))) + previous + root_).digest()


def _joined(texts: Iterable[str]) -> bytes:
    fields = [text.encode() for text in texts]
    return b"".join([len(each).to_bytes(4, "big") + each for each in fields])


def _hex(digest: bytes | None) -> str:
    return "" if digest is None else digest.hex()
