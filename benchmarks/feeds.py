"""All that is shared of other people's messages and GP Connect bundles, taken in: from files and over a connection.

    .venv/bin/python benchmarks/feeds.py [FOLDER] [--mllp-send PATH] [--json FILE]

`--mllp-send`: the client of that name (of the package `hl7`); without it, the sender of the tests. Needs
../shared/data; without it this says so and stops. What it prints is docs/reference/feeds-shown.md.
"""

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measuring import CONCORD, ORGANISATION, ROOT, run, show

sys.path.insert(0, str(ROOT))
from tests.mllp_client import Sender

_SHARED = ROOT.parent / "shared/data"
_BETWEEN = re.compile(rb"[\r\n]{2,}(?=MSH)")
_TYPES = ("ADT", "ORU", "OUL", "MDM", "SIU", "REF", "ORM", "OML", "OMG", "RDE", "VXU")
_FEED = f"organisation: {ORGANISATION}\nmessages: [{', '.join(_TYPES)}]\n"
_LISTENS = re.compile(r"listens for HL7 v2 on [\d.]+:(\d+)")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, nargs="?")
    options.add_argument("--mllp-send", type=Path)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    if not _SHARED.is_dir():
        raise SystemExit(f"{_SHARED.relative_to(ROOT.parent)} is not here: there is nothing to take in.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        show("Other people's messages and bundles", measure(folder, asked.mllp_send), asked.json)


def measure(folder: Path, mllp_send: Path | None) -> list[dict[str, Any]]:
    hospital = [
        part.strip() for part in _BETWEEN.split((_SHARED / "hl7v2/simulated-hospital/messages.hl7").read_bytes())
    ]
    pairs = [path.read_bytes().strip() for path in sorted((_SHARED / "hl7v2/pairs/input").iterdir())]
    every = hospital + [_numbered(message, number) for number, message in enumerate(pairs)]
    files = folder / "messages"
    files.mkdir(parents=True)
    for number, message in enumerate(every):
        (files / f"{number:04}.hl7").write_bytes(message)
    print("by type:", _told(Counter(_type(message) for message in every)))
    rows = [_from_files(folder / "by-file", files, len(every), "HL7 v2, from files")]
    rows.append(_over_mllp(folder / "by-mllp", every, mllp_send))
    bundles = sorted((_SHARED / "gp-connect").glob("*.json"))
    rows += [_from_files(folder / f"bundle-{path.stem}", path, 1, path.stem) for path in bundles]
    return rows


def _from_files(data: Path, what: Path, messages: int, name: str) -> dict[str, Any]:
    """A load, and the report that it writes."""
    run("init", data)
    report = data / "report.json"
    began = time.perf_counter()
    subprocess.run(
        [CONCORD, "load", "--data", data, "--organisation", ORGANISATION, "--report", report, what],
        stdout=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    told = json.loads(report.read_text(encoding="utf-8"))
    print(f"{name}, resources:", _told({type_: sum(of.values()) for type_, of in told["by_type"].items()}))
    print(f"{name}, nothing made of:", _told(told["passed_over"]))
    print(f"{name}, held for a later version:", _told(told["held"]))
    print(f"{name}, rejected:", _told(Counter(each["reason"] for each in told["rejects"])))
    return _row(name, messages, seconds, told["stored"] + told["updated"], told["rejected"], sum(told["held"].values()))


def _over_mllp(data: Path, messages: list[bytes], mllp_send: Path | None) -> dict[str, Any]:
    run("init", data)
    (data / "feeds").mkdir(exist_ok=True)
    (data / "feeds/shown.yaml").write_text(_FEED, encoding="utf-8")
    with listening(data, "shown") as (port, _):
        began = time.perf_counter()
        answers = _sent_by(mllp_send, messages, port, data) if mllp_send else _sent(messages, port)
        seconds = time.perf_counter() - began
    print("over MLLP, answers:", _told(answers))
    listed = run("quarantine", "list", "--data", data).output
    held = len(re.findall(r"^ *\d+  \d{4}-", listed, flags=re.MULTILINE))
    print("over MLLP, in quarantine:\n" + listed)
    by = "mllp_send" if mllp_send else "the tests' sender"
    return _row(
        f"HL7 v2, over MLLP by {by}", len(messages), seconds, answers["AA"], answers["AE"] + answers["AR"], held
    )


def _sent(messages: list[bytes], port: int) -> Counter[str]:
    with Sender(port, wait_s=60) as sender:
        return Counter(sender.code(message) for message in messages)


def _sent_by(mllp_send: Path, messages: list[bytes], port: int, folder: Path) -> Counter[str]:
    """By a client that reads framed messages from a file and prints what it is answered."""
    framed = folder / "framed"
    framed.write_bytes(b"".join(b"\x0b" + message + b"\x1c\r" for message in messages))
    done = subprocess.run(
        [mllp_send, "--port", str(port), "--file", framed, "127.0.0.1"], capture_output=True, check=True
    )
    return Counter(code.decode() for code in re.findall(rb"MSA\|(\w\w)\|", done.stdout))


@contextmanager
def listening(data: Path, feed: str) -> Iterator[tuple[int, int]]:
    """`concord listen` on a free port: (port, process id)."""
    listener = subprocess.Popen(
        [CONCORD, "listen", "--data", data, "--feed", feed, "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert listener.stdout is not None
        found = _LISTENS.search(listener.stdout.readline())
        if found is None:
            raise SystemExit("concord listen did not start.")
        yield int(found[1]), listener.pid
    finally:
        listener.send_signal(signal.SIGINT)
        listener.wait()


def _numbered(message: bytes, number: int) -> bytes:
    """The message under a number of its own: the pairs share a few."""
    fields = message.split(b"|", 10)
    return b"|".join([*fields[:9], b"PAIR%d" % number, fields[10]])


def _type(message: bytes) -> str:
    return "-".join(message.split(b"|")[8].decode().split("^")[:2])


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items(), key=lambda each: -each[1])) or "none"


def _row(name: str, messages: int, seconds: float, taken: int, rejected: int, held: int) -> dict[str, Any]:
    return {
        "what": name, "messages or bundles": messages, "taken in": taken, "rejected": rejected, "held": held,
        "seconds": round(seconds, 1), "a second": round(messages / seconds),
    }  # fmt: skip


if __name__ == "__main__":
    main()
