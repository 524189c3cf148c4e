"""Rows become a link of a chain, in the transaction that keeps them.

Each thread that writes has a chain of its own, so that no two transactions ever wait for, or build on, the same link;
rows of reads, which are committed by one thread at a time, have one together.
Where a chain stands is read in the transaction itself: what was rolled back was never there.
"""

import threading
from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import NamedTuple

import msgspec

from concord.audit.event import AuditEvent
from concord.audit.origin import origin
from concord.audit.proofs import NOTHING_BEFORE, leaf, link, root, salted
from concord.base import IdSource, Keys
from concord.store import Writing, audit_rows, body


class Prepared(NamedTuple):
    """An event with its hashes, ready to be kept."""

    row: tuple[int, str, str, str, str | None, str, str | None, bytes | None]
    context: tuple[bytes, bytes, str]
    leaf: bytes


class Chains:
    """The chains of one process. Safe to use from several threads."""

    def __init__(self, keys: Keys, ids: IdSource) -> None:
        self._ids = ids
        self._mine = threading.local()
        self._shared = SimpleNamespace()

        @lru_cache(maxsize=1024)
        def context(content: str) -> tuple[bytes, bytes, str]:
            """(digest, salt, content); the salt hangs on the content, so that one content is kept once."""
            salt = keys.hashed("audit-context", content, size=16)
            return salted(salt, content), salt, content

        self._context = context

    def prepare(self, event: AuditEvent) -> Prepared:
        """Raises TypeError for what no JSON says."""
        context = self._context(msgspec.json.encode({**event.context, **origin()}, order="sorted").decode())
        detail = msgspec.json.encode(event.detail, order="sorted").decode() if event.detail else ""
        salt = self._ids.fresh()[:16] if detail else None
        digest = None if salt is None else salted(salt, detail)
        at = body.microseconds(event.at)
        return Prepared(
            row=(at, event.action, event.outcome, event.who, event.person, detail, salt, digest),
            context=context,
            leaf=leaf(at, event.action, event.outcome, event.who, event.person, context=context[0], detail=digest),
        )

    def append(self, writing: Writing, events: Sequence[Prepared], *, one_at_a_time: bool = False) -> None:
        """Keep rows as the next link of this thread's chain.

        `one_at_a_time`: of the chain that threads share whose transactions, in which they do so, never overlap.
        """
        if not events:
            return
        mine = self._shared if one_at_a_time else self._mine
        name: str | None = getattr(mine, "name", None)
        head = None if name is None else audit_rows.head(writing, name)
        if name is None or head is None:
            name = mine.name = self._ids.fresh()
            head = audit_rows.add_chain(writing, name), 0, NOTHING_BEFORE
        chain, last, previous = head
        contexts = audit_rows.context_numbers(
            writing, list({event.context[0]: event.context for event in events}.values())
        )
        rows = [(*event.row, chain, last + 1, contexts[event.context[0]]) for event in events]
        audit_rows.add(writing, rows)
        hash_ = link(name, last + 1, previous, root([event.leaf for event in events]))
        audit_rows.add_link(writing, chain, last + 1, hash_)
