#!/usr/bin/env python3
"""Prove statements about an agreement without Concord: Python 3.9 or later, nothing else.

    python verify_statement.py STATEMENT.txt ... [--key HEX ...] [--meaning MEANING.json]

STATEMENT is what a signatory signed. Its sentence is held against its fields, and its signature against its text and
key. `--key`: the keys that may have signed; ask each party for its own, and not by the way the statement came.
`--meaning`: what `concord agreements meaning` wrote of the agreement, which must be what was signed: JSON of all that
it enforces and promises, to be read by whoever wants to. Exit status 0: all is proved; 1: not.

The rules: docs/reference/agreements.md of Concord, "Statements". This file is a second telling of them, not a copy of
its code. `concord agreements verifier` prints it whole, with what it imports of Concord written into it.
"""

import argparse
import hashlib
import sys
from datetime import date
from typing import Dict, List

from concord.audit import signed

HEAD = "Concord agreement statement 1"
NAMES = ["agreement", "title", "version", "hash", "party", "number", "intent", "from", "signatory", "signed-on", "key"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December"]  # fmt: skip
SENTENCES = {
    "sign": "{party} signs {what} and shares by it from {day}.",
    "suspend": "{party} suspends {what}: from {day} it shares nothing by it until it signs again.",
    "withdraw": "{party} withdraws from {what}: from {day} it shares nothing by it.",
}


def sentence(fields: Dict[str, str]) -> str:
    what = 'version %s of the agreement "%s"' % (fields["version"], fields["title"])
    day = date.fromisoformat(fields["from"])
    told = "%s %s %s" % (day.day, MONTHS[day.month - 1], day.year)
    return SENTENCES[fields["intent"]].format(party=fields["party"], what=what, day=told)


def read(text: str) -> Dict[str, str]:
    """The fields of a statement that says what its fields say; with `text`, what was signed. Raises ValueError."""
    lines = [line.rstrip() for line in text.lstrip("\ufeff").strip().splitlines()]
    told = [line.partition(": ") for line in lines[4:]]
    if [name for name, _, _ in told] != [*NAMES, "signature"] or lines[0] != HEAD or lines[1] or lines[3]:
        raise ValueError("it is no signed statement as Concord writes it")
    fields = {name: value for name, _, value in told}
    if fields["intent"] not in SENTENCES or lines[2] != sentence(fields):
        raise ValueError("its sentence says something else than its fields")
    fields["text"] = "\n".join(lines[:-1]) + "\n"
    return fields


def against(fields: Dict[str, str], keys: List[str], meaning: str) -> List[str]:
    """What speaks against a statement."""
    found = []
    if not signed(fields["text"].encode("utf-8"), fields["key"], fields["signature"]):
        found.append("the signature is not that of this text under this key")
    if keys and fields["key"] not in keys:
        found.append("it is signed by none of the keys that you named")
    if meaning and hashlib.sha256(meaning.encode("utf-8")).hexdigest() != fields["hash"]:
        found.append("what was signed is not this meaning")
    return found


def main() -> int:
    options = argparse.ArgumentParser(description="Prove signed statements about a Concord agreement.")
    options.add_argument("statements", nargs="+")
    options.add_argument("--key", action="append", default=[], help="a public key that may have signed")
    options.add_argument("--meaning", default="", help="the agreement's meaning, which must be what was signed")
    given = options.parse_args()
    meaning = ""
    if given.meaning:
        with open(given.meaning, encoding="utf-8") as file:
            meaning = file.read().rstrip("\n")
        if not meaning:
            raise SystemExit("The meaning is empty.")
    status = 0
    for path in given.statements:
        try:
            with open(path, encoding="utf-8") as file:
                fields = read(file.read())
            wrong = against(fields, given.key, meaning)
        except (ValueError, IndexError) as error:
            fields, wrong = {}, [str(error)]
        if wrong:
            print("NOT PROVED: %s: %s" % (path, "; ".join(wrong)))
            status = 1
            continue
        print("Proved: %s: %s" % (path, sentence(fields)))
        print("    Statement %(number)s of %(party)s, signed by %(signatory)s on %(signed-on)s, key %(key)s" % fields)
    if not given.key:
        print("Whose the keys are has not been looked at: name those that you know with --key.")
    if not meaning:
        print("What was signed has not been looked at but by its hash: name the agreement's meaning with --meaning.")
    return status


if __name__ == "__main__":
    sys.exit(main())
