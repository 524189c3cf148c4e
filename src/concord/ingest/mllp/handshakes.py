"""Connections that come to nothing, told to whoever looks after the feed: why, by kind, no more often than helps."""

import logging
import ssl
import time
from collections.abc import Callable

_LOG = logging.getLogger("concord.mllp")
_PAUSE_S = 60.0


class Refusals:
    """Logs each kind of refusal of a feed at once, then at most once a minute, with how often it came."""

    def __init__(self, feed: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self._feed = feed
        self._now = now
        self._told: dict[str, tuple[float, int]] = {}
        """By kind: when it was last logged, and how often it came since."""

    def note(self, kind: str) -> None:
        at, since = self._told.get(kind, (None, 0))
        if at is not None and self._now() - at < _PAUSE_S:
            self._told[kind] = at, since + 1
            return
        self._told[kind] = self._now(), 0
        again = f" ({since} more since it was last said)" if since else ""
        _LOG.warning("%s: a connection is refused: %s%s", self._feed, kind, again)


def noting_failed_handshakes(context: ssl.SSLContext, refusals: Refusals) -> ssl.SSLContext:
    """The same context; what fails while a connection is made secure is noted. asyncio tells nobody of it."""

    class Noting(ssl.SSLObject):
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLError as error:
                refusals.note(_kind(error))
                raise

    context.sslobject_class = Noting
    return context


def _kind(error: ssl.SSLError) -> str:
    """In the words of OpenSSL, which are a fixed set and tell of no certificate's contents."""
    words = (error.reason or "unknown").replace("_", " ").lower()
    if isinstance(error, ssl.SSLCertVerificationError):
        words = f"{words}, {error.verify_message}"
    return f"TLS handshake failed: {words}"
