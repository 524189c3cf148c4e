#!/usr/bin/env python3
"""Prove a Concord audit export without Concord: Python 3.9 or later, nothing else.

    python verify_audit.py EXPORT.ndjson [--key HEX] [--kept CHECKPOINT.json ...]

EXPORT is what `concord audit export` wrote. Every row is held against its link, every link against the one before,
every checkpoint against the chains, the one before, and its signature. `--key`: the public key that must have signed
(`concord audit key`); `--kept`: a checkpoint that you kept, which must be among them. Exit status 0: whole; 1: not.

The rules: docs/explanation/audit.md of Concord. This file is a second telling of them, not a copy of its code.
`concord audit verifier` prints it whole, with what it imports of Concord written into it.
"""

import argparse
import hashlib
import json
import sys
from typing import Any, Dict, List, Tuple

from concord.audit.ed25519_alone import signed

Told = Dict[str, Any]


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def fields(*texts: str) -> bytes:
    """Each text's length in four bytes, the greatest first, and its UTF-8 bytes."""
    out = b""
    for text in texts:
        encoded = text.encode("utf-8")
        out += len(encoded).to_bytes(4, "big") + encoded
    return out


def leaf_of(row: Told) -> bytes:
    return sha(
        b"\x00"
        + fields(
            str(row["at"]), row["action"], row["outcome"], row["who"], row["person"], row["context"], row["digest"]
        )
    )


def root_of(leaves: List[bytes]) -> bytes:
    level = leaves
    while len(level) > 1:
        above = [sha(b"\x01" + level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[2 * len(above) :]
    return level[0]


class Proof:
    def __init__(self) -> None:
        self.breaks: List[str] = []
        self.rows = self.cosigned = 0
        self.contexts: Dict[str, Told] = {}
        self.leaves: Dict[Tuple[str, int], List[bytes]] = {}  # by chain and position, as they come
        self.links: Dict[Tuple[str, int], bytes] = {}
        self.checkpoints: List[Told] = []
        self.last: Dict[str, int] = {}

    def read(self, line: str) -> None:
        told = json.loads(line)
        if "content" in told and "context" in told:
            self.contexts[told["context"]] = told
            if told["content"] and sha(bytes.fromhex(told["salt"]) + told["content"].encode()).hex() != told["context"]:
                self.breaks.append("A context was changed: " + told["context"])
        elif "leaf" in told or "row" in told:
            self.row(told)
        elif "position" in told:
            self.links[told["chain"], told["position"]] = bytes.fromhex(told["hash"])
        elif "checkpoint" in told:
            self.checkpoints.append(told)
        elif "cosigned" in told:
            self.cosignature(told)
        elif told.get("format") != "concord audit export 1":
            raise SystemExit("This is no export that this program knows.")

    def row(self, told: Told) -> None:
        self.rows += 1
        place = told["chain"], told["link"]
        if told["link"] < self.last.get(told["chain"], 0):
            self.breaks.append("Chain %s: a row of link %s stands behind a later link." % place)
        self.last[told["chain"]] = told["link"]
        if "leaf" in told:
            self.leaves.setdefault(place, []).append(bytes.fromhex(told["leaf"]))
            return
        if told["detail"] and sha(told["salt"].encode() + told["detail"].encode()).hex() != told["digest"]:
            self.breaks.append("The details of row %s were changed." % told["row"])
        if told["context"] not in self.contexts:
            self.breaks.append("Row %s names a context that is not there." % told["row"])
        self.leaves.setdefault(place, []).append(leaf_of(told))

    def cosignature(self, told: Told) -> None:
        content = next((each["content"] for each in self.checkpoints if each["checkpoint"] == told["cosigned"]), "")
        if signed(content.encode(), told["public_key"], told["signature"]):
            self.cosigned += 1
        else:
            self.breaks.append("A partner's signature of checkpoint %s is not of its content." % told["cosigned"])

    def chains(self) -> None:
        for place in sorted(set(self.leaves) | set(self.links)):
            chain, position = place
            before = bytes(32) if position == 1 else self.links.get((chain, position - 1))
            if before is None:
                self.breaks.append("Chain %s: there is a gap before link %s." % place)
            if place not in self.leaves:
                self.breaks.append("Chain %s: link %s has lost its rows." % place)
                continue
            made = sha(b"\x02" + fields(chain, str(position)) + (before or b"") + root_of(self.leaves[place]))
            if made != self.links.get(place):
                self.breaks.append("Chain %s, link %s does not fit its rows, or the link before." % place)

    def signatures(self, key: str) -> None:
        previous = ""
        for number, each in enumerate(self.checkpoints, 1):
            content, name = each["content"], each["checkpoint"]
            if not signed(content.encode(), each["public_key"], each["signature"]) or (
                key and each["public_key"] != key
            ):
                self.breaks.append("Checkpoint %s is not signed by the right key." % name)
                continue
            told = json.loads(content)
            if told["checkpoint"] != number or name != number or told["previous"] != previous:
                self.breaks.append("Checkpoint %s does not follow on the one before." % name)
            previous = sha(content.encode()).hex()
            for chain, position, hash_ in told["heads"]:
                if self.links.get((chain, position), b"").hex() != hash_:
                    self.breaks.append("Chain %s, link %s is not what checkpoint %s signed, or is gone."
                                       % (chain, position, name))  # fmt: skip

    def kept(self, path: str) -> None:
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        if all(each["content"] != kept["content"] for each in self.checkpoints):
            self.breaks.append("The checkpoint in %s is not among those of the export." % path)


def main() -> int:
    options = argparse.ArgumentParser(description="Prove a Concord audit export.")
    options.add_argument("export")
    options.add_argument("--key", default="", help="the public key that must have signed")
    options.add_argument("--kept", action="append", default=[], help="a checkpoint that you kept")
    given = options.parse_args()
    proof = Proof()
    with open(given.export, encoding="utf-8") as file:
        for line in file:
            proof.read(line)
    proof.chains()
    proof.signatures(given.key)
    for path in given.kept:
        proof.kept(path)
    for each in proof.breaks:
        print("BROKEN:", each)
    print("%s rows, %s links, %s checkpoints, %s signatures of partners: %s" % (
        proof.rows, len(proof.links), len(proof.checkpoints), proof.cosigned,
        "NOT WHOLE" if proof.breaks else "whole"))  # fmt: skip
    return 1 if proof.breaks else 0


if __name__ == "__main__":
    sys.exit(main())
