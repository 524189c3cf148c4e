"""Checkpoints: each minute, one signed text that holds the heads of all chains; and a partner's signature beside ours.

A checkpoint names the chains that have grown since the one before, and the hash of that one, so that the last of them
holds everything. Whoever keeps one can show later that nothing before it was changed or cut off.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from concord.base import Clock, Incorrect, NotFound
from concord.store import Store, audit_rows, body

FORMAT = "concord audit checkpoint 1"


class Signer:
    """The Ed25519 key that signs checkpoints: 32 bytes that stay in the installation."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw().hex()

    def sign(self, content: str) -> str:
        return self._key.sign(content.encode()).hex()


def is_signed(content: str, public_key: str, signature: str) -> bool:
    """Whether `signature` (hexadecimal) is that of `content` under `public_key` (hexadecimal)."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), content.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class Signature:
    public_key: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A checkpoint as it travels: `content` is what is signed, byte for byte."""

    content: str
    public_key: str
    signature: str
    cosignatures: tuple[Signature, ...] = ()

    @property
    def number(self) -> int:
        return int(read_content(self.content)["checkpoint"])

    def encoded(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


def read_checkpoint(encoded: bytes) -> Checkpoint:
    """Raises Incorrect for what is no checkpoint, or one whose signatures are not those of its content."""
    try:
        checkpoint = msgspec.json.decode(encoded, type=Checkpoint)
        read_content(checkpoint.content)
    except (msgspec.DecodeError, KeyError, ValueError) as error:
        raise Incorrect("This file is no audit checkpoint. `concord audit checkpoint` writes one.") from error
    for each in (Signature(public_key=checkpoint.public_key, signature=checkpoint.signature), *checkpoint.cosignatures):
        if not is_signed(checkpoint.content, each.public_key, each.signature):
            raise Incorrect("A signature of this checkpoint is not of its content. Ask for the file anew.")
    return checkpoint


def read_content(content: str) -> dict[str, Any]:
    """`checkpoint` (number), `at`, `previous` (hash), `heads` ([chain, position, hash]). Raises ValueError."""
    told: dict[str, Any] = msgspec.json.decode(content)
    if told.get("format") != FORMAT:
        raise ValueError("not a checkpoint of this format")
    return told


def hash_of(content: str) -> str:
    return sha256(content.encode()).hexdigest()


class Checkpoints:
    """Signs, hands out and keeps checkpoints."""

    def __init__(self, store: Store, clock: Clock, signer: Signer) -> None:
        self._store = store
        self._clock = clock
        self._signer = signer

    @property
    def public_key(self) -> str:
        return self._signer.public

    def sign(self) -> int | None:
        """Sign where all chains stand now, if any has grown; the number of the checkpoint, None when none was due."""
        with self._store.reading() as reading:
            if not audit_rows.unsigned_heads(reading):
                return None
        with self._store.writing() as writing:
            heads = audit_rows.unsigned_heads(writing)
            last = audit_rows.last_checkpoint(writing)
            number, previous = (1, "") if last is None else (last[0] + 1, hash_of(last[1]))
            content = msgspec.json.encode(
                {
                    "format": FORMAT,
                    "checkpoint": number,
                    "at": body.fhir_instant(body.microseconds(self._clock.now())),
                    "previous": previous,
                    "heads": [[name, position, hash_.hex()] for _, name, position, hash_ in heads],
                }
            ).decode()
            row = (number, content, self._signer.public, self._signer.sign(content))
            signed = [(position, chain) for chain, _, position, _ in heads]
            # Another process may have signed at the same moment: its checkpoint stands, and ours is not needed.
            return number if heads and audit_rows.add_checkpoint(writing, row, signed) else None

    def last(self) -> Checkpoint:
        """The newest checkpoint with all its signatures. Raises NotFound before the first."""
        with self._store.reading() as reading:
            row = audit_rows.last_checkpoint(reading)
            if row is None:
                raise NotFound("No checkpoint has been signed yet: nothing was audited, or the disk was full.")
            beside = [each for each in audit_rows.cosignatures(reading) if each[0] == row[0]]
        _, content, public_key, signature = row
        return Checkpoint(
            content=content,
            public_key=public_key,
            signature=signature,
            cosignatures=tuple(Signature(public_key=key, signature=text) for _, key, text in beside),
        )

    def cosigned(self, checkpoint: Checkpoint) -> Checkpoint:
        """A partner's checkpoint with this installation's signature beside theirs."""
        mine = Signature(public_key=self._signer.public, signature=self._signer.sign(checkpoint.content))
        others = [each for each in checkpoint.cosignatures if each.public_key != mine.public_key]
        return Checkpoint(
            content=checkpoint.content,
            public_key=checkpoint.public_key,
            signature=checkpoint.signature,
            cosignatures=(*others, mine),
        )

    def keep(self, checkpoint: Checkpoint) -> int:
        """Keep the signatures of partners beside our checkpoint; how many the file has. Raises Incorrect: not ours."""
        with self._store.writing() as writing:
            ours = next(iter(audit_rows.checkpoints(writing, checkpoint.number)), None)
            if ours is None or ours[0] != checkpoint.number or ours[1] != checkpoint.content:
                raise Incorrect("This checkpoint is not one of this installation. Look whether it is the right folder.")
            for each in checkpoint.cosignatures:
                audit_rows.cosign(writing, checkpoint.number, each.public_key, each.signature)
        return len(checkpoint.cosignatures)
