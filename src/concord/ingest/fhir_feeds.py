"""The feeds by which organisations' systems send over the FHIR API: of whoever writes, the one that says how."""

from functools import lru_cache
from pathlib import Path

from concord.base import Incorrect, OdsCode, Unavailable
from concord.ingest.feeds import FeedDescription, parse_feed, read_feed


class FhirFeeds:
    """`folder`: where feeds are described; None: nowhere. It is read at each question: a change acts at once."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def of(self, organisation: OdsCode, sender: str | None = None) -> FeedDescription:
        """The organisation's feed by the FHIR API that allows the sender (None: one that it does not name); if none
        does, the first of them; if it has none, what a file would mean that says nothing more, without a name.

        Raises Unavailable when that cannot be known: a file that cannot be read might say that it is in its shadow.
        """
        feeds: list[FeedDescription] = []
        unread = False
        for path in sorted(self._folder.glob("*.yaml")) if self._folder else ():
            try:
                stat = path.stat()
                feed = _read(path, stat.st_mtime_ns, stat.st_size)
            except (Incorrect, OSError):
                unread = unread or _may_name(path, organisation)
                continue
            if feed.transport == "fhir" and feed.organisation == organisation:
                feeds.append(feed)
        if not feeds and unread:
            raise Unavailable(
                "The feed of this system is described by a file that cannot be read just now. Send again."
            )
        allowing = [feed for feed in feeds if _allows(feed, sender)]
        return (allowing or feeds or [_undescribed(organisation)])[0]


def _may_name(path: Path, organisation: OdsCode) -> bool:
    """Whether a file that cannot be read as a feed may be this organisation's: others' slips keep nobody out."""
    try:
        return organisation in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True


def _allows(feed: FeedDescription, sender: str | None) -> bool:
    return not feed.sending_applications if sender is None else feed.allows_sender(sender)


@lru_cache(maxsize=256)
def _read(path: Path, changed_at: int, size: int) -> FeedDescription:  # noqa: ARG001 - part of the key: they tell that the file has changed
    return read_feed(path)


def _undescribed(organisation: OdsCode) -> FeedDescription:
    return parse_feed(f'organisation: "{organisation}"\nkind: fhir\ntransport: fhir\n', filename="", folder=Path())
