"""Proving the audit: every row against its link, every link against the one before, every checkpoint against both.

Each break is told where it is found; the proof then goes on with what is stored, so that one break does not hide, or
feign, another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from concord.audit.checkpoints import Checkpoint, hash_of, is_signed, read_content
from concord.audit.proofs import NOTHING_BEFORE, leaf, link, root, salted
from concord.store import Reading, audit_rows
from concord.store.audit_rows import AuditRow

_MOST_BREAKS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditProof:
    """What was proved. `root` (hex) stands for all chains as they are: equal roots are equal audits.

    `older`: rows from before there were chains, which nothing proves. `erased`: rows whose details were erased, by
    rule, and whose place in the chain still holds. `breaks`: in sentences, in the order found; empty when whole.
    `unsigned`: links that no checkpoint holds yet.
    """

    root: str
    rows: int
    links: int
    chains: int
    checkpoints: int
    cosignatures: int
    older: int
    erased: int
    unsigned: int
    breaks: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.breaks


@dataclass
class _Chain:
    name: str
    links: int
    last: int
    position: int = 0
    previous: bytes = NOTHING_BEFORE
    leaves: list[bytes] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


@dataclass
class _Sum:
    rows: int = 0
    older: int = 0
    erased: int = 0
    chained_from: int | None = None


def verify(reading: Reading, *, public_key: str | None = None, kept: Checkpoint | None = None) -> AuditProof:
    """Prove the whole audit in one snapshot. `public_key` (hex): the only one that may have signed checkpoints;
    `kept`: a checkpoint that somebody kept outside, which must be among them."""
    found = _Prover(reading)
    found.prove_rows()
    signed = found.prove_checkpoints(public_key, kept)
    return AuditProof(
        root=found.root(),
        rows=found.sum.rows,
        links=sum(chain.last for chain in found.chains.values()),
        chains=len(found.chains),
        checkpoints=signed,
        cosignatures=found.cosignatures,
        older=found.sum.older,
        erased=found.sum.erased,
        unsigned=found.unsigned,
        breaks=tuple(found.breaks[:_MOST_BREAKS]),
    )


class _Prover:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.breaks: list[str] = []
        self.sum = _Sum()
        self.cosignatures = self.unsigned = 0
        self.chains = {
            number: _Chain(name, links, last) for number, (name, links, last) in audit_rows.chains(reading).items()
        }
        self._contexts = dict(self._proved_contexts())

    def _proved_contexts(self) -> Iterator[tuple[int, bytes]]:
        for number, digest, salt, content in audit_rows.contexts(self._reading):
            if content and salted(salt, content) != digest:
                self.breaks.append(f"What rows share under the number {number} was changed.")
            yield number, digest

    def prove_rows(self) -> None:
        for row in audit_rows.in_order(self._reading):
            self.sum.rows += 1
            if row.chain is None or row.link is None:
                self._older(row)
                continue
            if self.sum.chained_from is None:
                self.sum.chained_from = row.number
            chain = self.chains.get(row.chain)
            if chain is None:
                self.breaks.append(f"Row {row.number} names a chain that is not there.")
                continue
            if row.link != chain.position:
                self._end_link(chain)
                if row.link > chain.position + 1:
                    lost = f"links {chain.position + 1} to {row.link - 1}"
                    self.breaks.append(f"Chain {chain.name}: {lost} have lost their rows.")
                chain.position = row.link if row.link > chain.position else self._moved(row, chain)
            chain.leaves.append(self._leaf(row))
            chain.numbers.append(row.number)
        for chain in self.chains.values():
            self._end_link(chain)
            if chain.last != chain.position:
                self.breaks.append(
                    f"Chain {chain.name}: links {chain.position + 1} to {chain.last} have lost their rows."
                )
            if chain.links != chain.last:
                self.breaks.append(f"Chain {chain.name}: {chain.last - chain.links} of its links are gone.")

    def _older(self, row: AuditRow) -> None:
        self.sum.older += 1
        if self.sum.chained_from is not None:
            self.breaks.append(f"Row {row.number} stands in no chain.")

    def _moved(self, row: AuditRow, chain: _Chain) -> int:
        self.breaks.append(f"Chain {chain.name}: row {row.number} says link {row.link}, after link {chain.position}.")
        return chain.position

    def _leaf(self, row: AuditRow) -> bytes:
        if row.digest is not None and not row.detail:
            self.sum.erased += 1
        elif row.detail and (row.digest is None or salted(row.salt or "", row.detail) != row.digest):
            self.breaks.append(f"The details of row {row.number} were changed.")
        context = None if row.context is None else self._contexts.get(row.context)
        return leaf(row.at, row.action, row.outcome, row.who, row.person, context=context, detail=row.digest)

    def _end_link(self, chain: _Chain) -> None:
        """The rows of a link are all there: hold them against its hash."""
        if not chain.leaves:
            return
        number, position = self._number(chain), chain.position
        before = audit_rows.link_hash(self._reading, number, position - 1) if position > 1 else NOTHING_BEFORE
        if before is None or before != chain.previous:
            self.breaks.append(f"Chain {chain.name}: there is a gap before link {position}.")
        stored = audit_rows.link_hash(self._reading, number, position)
        if stored is None or link(chain.name, position, before or b"", root(chain.leaves)) != stored:
            first, last = chain.numbers[0], chain.numbers[-1]
            rows = f"row {first}" if first == last else f"rows {first} to {last}"
            self.breaks.append(
                f"Chain {chain.name}, link {position} ({rows}) does not fit its rows: one was changed, added, dropped "
                "or moved there, or in the link before."
            )
        chain.previous = stored or b""
        chain.leaves.clear()
        chain.numbers.clear()

    def _number(self, chain: _Chain) -> int:
        return next(number for number, each in self.chains.items() if each is chain)

    def prove_checkpoints(self, public_key: str | None, kept: Checkpoint | None) -> int:
        """Each against the one before and against the chains; how many there are."""
        by_name = {chain.name: number for number, chain in self.chains.items()}
        signed: dict[str, int] = {}
        contents: dict[int, str] = {}
        previous, count = "", 0
        for number, content, key, signature in audit_rows.checkpoints(self._reading):
            count += 1
            contents[number] = content
            if not is_signed(content, key, signature) or (public_key is not None and key != public_key):
                self.breaks.append(f"Checkpoint {number} is not signed by the key of this installation.")
                continue
            told = read_content(content)
            if told["checkpoint"] != count or number != count or told["previous"] != previous:
                self.breaks.append(f"Checkpoint {number} does not follow on the one before.")
                count = number
            previous = hash_of(content)
            for name, position, hash_ in told["heads"]:
                stored = audit_rows.link_hash(self._reading, by_name.get(name, 0), position)
                if stored is None:
                    self.breaks.append(
                        f"Chain {name} was cut off: checkpoint {number} signed link {position}, which is gone."
                    )
                elif stored.hex() != hash_:
                    self.breaks.append(f"Chain {name}, link {position} is not the one that checkpoint {number} signed.")
                signed[name] = position
        if kept is not None and contents.get(kept.number) != kept.content:
            self.breaks.append(f"The checkpoint {kept.number} that was kept outside is not there, or another.")
        for number, key, signature in audit_rows.cosignatures(self._reading):
            self.cosignatures += 1
            if not is_signed(contents.get(number, ""), key, signature):
                self.breaks.append(f"A partner's signature of checkpoint {number} is not of its content.")
        self.unsigned = sum(chain.last - signed.get(chain.name, 0) for chain in self.chains.values())
        return len(contents)

    def root(self) -> str:
        """SHA-256 (hex) over name, length and last hash of every chain, by name."""
        heads = sorted(
            f"{chain.name} {chain.last} {(audit_rows.link_hash(self._reading, number, chain.last) or b'').hex()}"
            for number, chain in self.chains.items()
        )
        return sha256("\n".join(heads).encode()).hexdigest()
