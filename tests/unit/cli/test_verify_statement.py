"""A partner proves a signed statement with a program that needs Python and nothing else."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from concord.base import OdsCode
from concord.governance import Agreement, Intent, stated
from concord.governance.agreements import read_policy, statement_verifier
from tests.signing import SIGNED_ON, key_of
from tests.small_system import POLICY

PARTY = "ZZP01"


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("partner") / "verify_statement.py"
    program.write_text(statement_verifier(), encoding="utf-8")
    return program


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    (found,) = read_policy(POLICY).agreements
    return found


def verified(verifier: Path, text: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """What the program says, run apart from Concord and everything else that is installed."""
    statement = verifier.with_name("statement.txt")
    statement.write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "-S", str(verifier), str(statement), *map(str, words)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def signed(agreement: Agreement, intent: Intent = Intent.SIGN, key_name: str = "A Signatory") -> str:
    statement = stated(agreement, OdsCode(PARTY), intent=intent, from_on=date(2026, 4, 1), number=1)
    return key_of(PARTY, key_name).sign(statement, signed_on=SIGNED_ON)


def test_it_imports_nothing_of_concord(verifier: Path) -> None:
    assert "from concord" not in verifier.read_text(encoding="utf-8")


@pytest.mark.parametrize("intent", list(Intent))
def test_a_statement_is_proved_with_key_and_meaning(verifier: Path, agreement: Agreement, intent: Intent) -> None:
    meaning = verifier.with_name("meaning.json")
    meaning.write_bytes(agreement.meaning + b"\n")
    told = verified(verifier, signed(agreement, intent), "--key", key_of(PARTY).public, "--meaning", meaning)
    assert told.returncode == 0, told.stdout + told.stderr
    assert stated(agreement, OdsCode(PARTY), intent=intent, from_on=date(2026, 4, 1), number=1).sentence in told.stdout
    assert "has not been looked at" not in told.stdout


def test_it_says_what_it_has_not_looked_at(verifier: Path, agreement: Agreement) -> None:
    told = verified(verifier, signed(agreement))
    assert told.returncode == 0
    assert told.stdout.count("has not been looked at") == 2


# What is changed | what is said
CHANGED = [
    (("signs version", "signs Version"), "its sentence says something else"),
    (("from: 2026-04-01", "from: 2026-03-01"), "its sentence says something else"),
    (("number: 1", "number: 2"), "the signature is not that of this text"),
    (("A Signatory", "Another"), "the signature is not that of this text"),
    (("statement 1", "statement 2"), "it is no signed statement"),
    (("intent: sign\n", "intent: sign\nmore: words\n"), "it is no signed statement"),
]


@pytest.mark.parametrize(("change", "says"), CHANGED)
def test_a_changed_statement_is_not_proved(
    verifier: Path, agreement: Agreement, change: tuple[str, str], says: str
) -> None:
    text = signed(agreement)
    assert change[0] in text
    told = verified(verifier, text.replace(*change))
    assert told.returncode == 1
    assert f"NOT PROVED: {verifier.with_name('statement.txt')}: {says}" in told.stdout


def test_another_key_and_another_meaning_are_told(verifier: Path, agreement: Agreement) -> None:
    text = signed(agreement, key_name="Another")
    assert "none of the keys that you named" in verified(verifier, text, "--key", key_of(PARTY).public).stdout
    meaning = verifier.with_name("meaning.json")
    meaning.write_bytes(agreement.meaning.replace(b"registered", b"referred"))
    told = verified(verifier, text, "--meaning", meaning)
    assert told.returncode == 1
    assert "what was signed is not this meaning" in told.stdout


def test_what_is_no_statement_at_all_is_told(verifier: Path) -> None:
    for text in ("", "\n\n\n", "Concord agreement statement 1\n"):
        told = verified(verifier, text)
        assert told.returncode == 1
        assert "NOT PROVED" in told.stdout
