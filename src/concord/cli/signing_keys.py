"""Keys that an installation makes for itself: the first signatory's, and those of the demo."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from concord.app import App
from concord.base import Conflict
from concord.governance import Intent, read_statement
from concord.governance.agreements import SigningKey

SIGNATORIES, KEYS = "signatories.yaml", "signing-keys"
_HEAD = """\
# Who may sign agreements for which organisation, and by which key. Change it, then: concord agreements load
signatories:
"""


def write_key(key: SigningKey, file: Path) -> None:
    """Make the file of a key, for its owner alone. Raises Conflict when there is one."""
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise Conflict(f"{file} is there already: a key that is overwritten cannot be made again.") from None
    file.write_text(key.text, encoding="utf-8")


def signatories_file(keys: Iterable[SigningKey], from_on: date) -> str:
    """The register of these keys, each from a day on."""
    return _HEAD + "".join(key.signatory_row(from_on) for key in keys)


def keep_keys(folder: Path, keys: Iterable[SigningKey], words: str) -> None:
    """Keep keys in the folder of an installation, with words that say whose they are."""
    kept = folder / KEYS
    kept.mkdir(mode=0o700)
    (kept / "README").write_text(words, encoding="utf-8")
    for key in keys:
        write_key(key, kept / f"{key.organisation}.key")


def kept_keys(folder: Path) -> list[SigningKey]:
    """The keys that lie in the folder of an installation, in order of organisation."""
    files = sorted((folder / KEYS).glob("*.key"))
    return [SigningKey.parse(file.read_text(encoding="utf-8"), filename=file.name) for file in files]


def sign_all(app: App, keys: Sequence[SigningKey], on: date) -> None:
    """Sign, with each key, every published agreement that its organisation is a party of and has said nothing about."""
    for standing in app.signing.standings():
        agreement = standing.agreement
        silent = {party.party for party in standing.parties if not party.statements}
        for key in keys:
            if key.organisation in silent:
                text = app.signing.statement(
                    agreement.agreement, agreement.version, key.organisation, intent=Intent.SIGN, from_on=on
                )
                signed = key.sign(read_statement(text), signed_on=on)
                app.signing.receive(signed, by="duty:agreements-receive")
