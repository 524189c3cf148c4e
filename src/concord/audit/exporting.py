"""The audit as lines of JSON that somebody else can prove, with or without what the rows say."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import msgspec

from concord.audit.proofs import leaf
from concord.store import Reading, audit_rows
from concord.store.audit_rows import AuditRow

FORMAT = "concord audit export 1"
_IMPORTED = re.compile(r"^from concord\.audit(\.ed25519_alone)? import signed$", re.MULTILINE)


def export(reading: Reading, *, whole: bool) -> Iterator[bytes]:
    """Lines for the stand-alone verifier: contexts, rows, links, checkpoints, signatures.

    `whole`: rows with all that they say; else each row is its hash alone, which proves the chain and names nobody.
    Rows that are older than chains are left out.
    """
    digests: dict[int, bytes] = {}
    names = {number: name for number, (name, _, _) in audit_rows.chains(reading).items()}
    yield _line({"format": FORMAT})
    for number, digest, salt, content in audit_rows.contexts(reading):
        digests[number] = digest
        if whole:
            yield _line({"context": digest.hex(), "salt": salt.hex(), "content": content})
    for row in audit_rows.in_order(reading):
        if row.chain is not None and row.link is not None:
            context = None if row.context is None else digests.get(row.context)
            place = {"chain": names.get(row.chain, ""), "link": row.link}
            yield _line((_told(row, context) if whole else {"leaf": _leaf(row, context).hex()}) | place)
    for chain, position, hash_ in audit_rows.links(reading):
        yield _line({"chain": names.get(chain, ""), "position": position, "hash": hash_.hex()})
    for number, content, public_key, signature in audit_rows.checkpoints(reading):
        yield _line({"checkpoint": number, "content": content, "public_key": public_key, "signature": signature})
    for number, public_key, signature in audit_rows.cosignatures(reading):
        yield _line({"cosigned": number, "public_key": public_key, "signature": signature})


def stand_alone_verifier() -> str:
    """The text of a program that proves an export with nothing but Python."""
    return stand_alone(files("concord.audit").joinpath("verify_audit.py").read_text(encoding="utf-8"))


def stand_alone(program: str) -> str:
    """A program's text, with the proving of signatures written into it where it imports that from here."""
    proving = files("concord.audit").joinpath("ed25519_alone.py").read_text(encoding="utf-8")
    return _IMPORTED.sub(lambda _: proving.strip(), program)


def _told(row: AuditRow, context: bytes | None) -> dict[str, Any]:
    return {
        "row": row.number,
        "at": row.at,
        "action": row.action,
        "outcome": row.outcome,
        "who": row.who,
        "person": row.person or "",
        "context": "" if context is None else context.hex(),
        "digest": "" if row.digest is None else row.digest.hex(),
        "salt": row.salt or "",
        "detail": row.detail,
    }


def _leaf(row: AuditRow, context: bytes | None) -> bytes:
    return leaf(row.at, row.action, row.outcome, row.who, row.person, context=context, detail=row.digest)


def _line(told: dict[str, Any]) -> bytes:
    return msgspec.json.encode(told) + b"\n"
