"""A listener of a feed, over a real socket and before the real record."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from concord.app import App
from concord.base import SystemIds
from concord.ingest import FeedDescription, Listener, Receiver, parse_feed
from concord.ingest.mllp.framing import Frame

FEED = "organisation: ZZA\nmessages: [ADT, ORU]\nsending_applications: [PAS, LAB]\n"


@contextmanager
def listening(feed: FeedDescription, answer: Callable[[Frame], bytes], **more: Any) -> Iterator[int]:
    """A listener in a thread of its own; its port."""
    ports: list[int] = []
    up, stop, loops = threading.Event(), asyncio.Event(), []

    def started(port: int) -> None:
        ports.append(port)
        loops.append(asyncio.get_running_loop())
        up.set()

    def run() -> None:
        asyncio.run(Listener(feed, answer, **more).serve("127.0.0.1", 0, stop=stop, started=started))

    thread = threading.Thread(target=run)
    thread.start()
    assert up.wait(10)
    try:
        yield ports[0]
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(10)
        assert not thread.is_alive()


@contextmanager
def connected(app: App, text: str = FEED, folder: Path = Path(), **more: Any) -> Iterator[int]:
    feed = parse_feed(text, filename="pas.yaml", folder=folder)
    receiver = Receiver(feed, app.records, services=(), clock=app.clock, ids=SystemIds())
    with listening(feed, receiver.answer, **more) as port:
        yield port


def items(app: App) -> dict[str, int]:
    with app.store.reading() as reading:
        rows = reading.rows(
            "SELECT word.text, count(*) FROM item JOIN word ON word.number = item.type GROUP BY word.text"
        )
    return dict(rows)
