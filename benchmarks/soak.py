"""A listener under a steady load: whether memory and lag stay level.

    .venv/bin/python benchmarks/soak.py FOLDER [--minutes 60] [--rate 50] [--senders 2] [--json FILE]

Each sender has a connection of its own and a clock: a message is due every so often, and is sent when it is due and the
one before is acknowledged. Lag is from when it was due to its acknowledgement, so that a listener that falls behind
shows. A line a minute; below them by how much memory and lag grow in an hour, by least squares over the minutes after
the first quarter, in which caches fill: the connections of the database keep tens of MB of it, so that a run on a
FOLDER that an earlier one has filled says more. Memory is what is the process's alone (RssAnon). A third each of
admissions of people, of their results, and of results that are corrected; 1 in 100 is poison, held and acknowledged.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feeds import listening
from measuring import ORGANISATION, ROOT, bytes_of, percentile, run, show

sys.path.insert(0, str(ROOT))
from tests.mllp_client import Sender, admission, result

_FEED = f"organisation: {ORGANISATION}\nmessages: [ADT, ORU]\n"
_POISON_EVERY = 100
_BEGAN = int(time.time())  # of the messages' numbers: those of an earlier run are others
_PEOPLE = 5_000  # of each sender: after so many the same come again, as people do


@dataclass
class Sent:
    """What the senders note: the lag of each message in seconds, since the last line was made."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    lags: list[float] = field(default_factory=list)
    refused: int = 0

    def drawn(self) -> tuple[list[float], int]:
        with self.turn:
            drawn, self.lags = self.lags, []
            refused, self.refused = self.refused, 0
        return drawn, refused


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--minutes", type=int, default=60)
    options.add_argument("--rate", type=float, default=50)
    options.add_argument("--senders", type=int, default=2)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    show(
        f"{asked.rate:.0f} messages a second for {asked.minutes} minutes",
        measure(asked.folder, asked.minutes, asked.rate, asked.senders), asked.json,
    )  # fmt: skip


def measure(folder: Path, minutes: int, rate: float, senders: int) -> list[dict[str, Any]]:
    data = folder / "soak"
    if not data.exists():
        run("init", data)
    (data / "feeds").mkdir(exist_ok=True)
    (data / "feeds/soak.yaml").write_text(_FEED, encoding="utf-8")
    sent, stop, rows = Sent(), threading.Event(), list[dict[str, Any]]()
    with listening(data, "soak") as (port, process):
        threads = [
            threading.Thread(target=_send, args=(port, each, senders / rate, sent, stop), daemon=True)
            for each in range(senders)
        ]
        for each in threads:
            each.start()
        for minute in range(1, minutes + 1):
            time.sleep(60)
            lags, refused = sent.drawn()
            if not lags:
                raise SystemExit("The listener acknowledged nothing for a minute.")
            rows.append(_line(minute, lags, refused, process, data))
            print(rows[-1], flush=True)
        stop.set()
        for each in threads:
            each.join(30)
    return [*rows, _slopes(rows)]


def _send(port: int, sender: int, every: float, sent: Sent, stop: threading.Event) -> None:
    due, turn = time.monotonic(), 0
    with Sender(port, wait_s=60) as connection:
        while not stop.is_set():
            time.sleep(max(0.0, due - time.monotonic()))
            code = connection.code(_message(sender, turn))
            with sent.turn:
                sent.lags.append(time.monotonic() - due)
                sent.refused += code != "AA"
            due, turn = due + every, turn + 1


def _message(sender: int, turn: int) -> bytes:
    """The message of a turn, under a number that no other has."""
    person = sender * _PEOPLE + turn // 3 % _PEOPLE
    control, kind = f"S{sender}R{_BEGAN}T{turn}", turn % 3
    if turn % _POISON_EVERY == _POISON_EVERY - 1:
        return b"MSH|^~\\&|PAS|ZZA|CONCORD|NN|20240110090000||ADT^A01|%s|P|2.4\rPID|1" % control.encode()
    if kind == 0:
        return admission(person, control=control)
    message = result(person, person, value="138" if kind == 1 else "139")
    return message.replace(b"|R%d|" % person, b"|%s|" % control.encode(), 1)


def _line(minute: int, lags: Sequence[float], refused: int, process: int, data: Path) -> dict[str, Any]:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return {
        "minute": minute,
        "a second": round(len(lags) / 60, 1),
        "not AA": refused,
        "memory MB": round(int(status.partition("RssAnon:")[2].split()[0]) / 1024, 1),
        "lag p50 ms": round(percentile(lags, 0.5) * 1000, 1),
        "lag p99 ms": round(percentile(lags, 0.99) * 1000, 1),
        "disk MB": round(bytes_of(data) / 1e6, 1),
        "load": round(os.getloadavg()[0], 1),
    }


def _slopes(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Growth in an hour of memory and lag."""
    settled = rows[len(rows) // 4 :]
    minutes = [float(row["minute"]) for row in settled]
    told = {
        name: f"{_slope(minutes, [row[name] for row in settled]) * 60:+.1f}/h" for name in rows[0] if name[-1] in "Bs"
    }
    return {**dict.fromkeys(rows[0], ""), "minute": "growth", **told}


def _slope(at: Sequence[float], values: Sequence[float]) -> float:
    middle, mean = sum(at) / len(at), sum(values) / len(values)
    spread = sum((each - middle) ** 2 for each in at)
    return sum((x - middle) * (y - mean) for x, y in zip(at, values, strict=True)) / spread if spread else 0.0


if __name__ == "__main__":
    main()
