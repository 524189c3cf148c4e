"""What Concord counts of itself while it serves, for whoever runs it: never of whom, of what, or by whom.

Counts that move with what is hidden would tell it to a viewer, so these figures have a port of their own that no
viewer reaches, and no route beside the answers they are about.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

LOOPBACK = "127.0.0.1"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_GROUPS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_BATCHES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
Level = float | Mapping[str, float]
"""A figure; or one for each feed, by its name."""
Levels = Callable[[], Mapping[str, Level]]


class Measures:
    """One registry a server. `levels` is asked at each scrape for what is counted by looking: name and figure."""

    def __init__(self, levels: Levels | None = None) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._levels = None if levels is None else _Levels(levels)
        if self._levels is not None:
            self._registry.register(self._levels)
        self._requests = Counter(
            "concord_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "concord_request_seconds", "From the request's first byte to the answer's last.", ("method", "route"),
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._bytes = Counter("concord_response_bytes", "Bytes of answers.", registry=self._registry)
        self.in_flight = Gauge(
            "concord_requests_in_flight", "Requests in hand now.", registry=self._registry, multiprocess_mode="livesum"
        )
        self.refused = Counter(
            "concord_requests_refused", "Requests turned away, by what there was too much of.", ("of",),
            registry=self._registry,
        )  # fmt: skip
        self._groups = Histogram(
            "concord_audit_group_rows", "Audit rows that became durable together.", buckets=_GROUPS,
            registry=self._registry,
        )  # fmt: skip
        self._commits = Histogram(
            "concord_audit_commit_seconds", "Time for a group of audit rows to become durable.", buckets=_SECONDS,
            registry=self._registry,
        )  # fmt: skip
        self._batches = Histogram(
            "concord_write_items", "Items of one write.", buckets=_BATCHES, registry=self._registry
        )

        self._of = cache(self._labelled)

    def answered(self, method: str, route: str, status: int, seconds: float, size: int) -> None:
        requests, took = self._of(method, route, status)
        requests.inc()
        took.observe(seconds)
        self._bytes.inc(size)

    def _labelled(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)

    def audited(self, rows: int, seconds: float) -> None:
        """A group of audit rows became durable."""
        self._groups.observe(rows)
        self._commits.observe(seconds)

    def written(self, items: int) -> None:
        self._batches.observe(items)

    @contextmanager
    def told_on(self, port: int, *, shared: Path | None = None) -> Iterator[int]:
        """Answer on `port` of this machine alone, whatever path is asked, until the block ends; 0 takes a free port.

        `shared`: the folder in which several processes count; then their sums are told, and nothing of this process.
        Raises OSError when the port is taken.
        """
        registry = self._registry if shared is None else self._of_several(shared)
        server, thread = start_http_server(port, addr=LOOPBACK, registry=registry)
        try:
            yield int(server.server_port)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _of_several(self, folder: Path) -> CollectorRegistry:
        registry = CollectorRegistry()
        registry.register(_Several(folder))
        if self._levels is not None:
            registry.register(self._levels)
        return registry


class _Several(Collector):
    """What the processes that count in a folder have counted together. What one has in hand goes with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        for kept in self._folder.glob("gauge_live*_*.db"):
            if not Path("/proc", kept.stem.rpartition("_")[2]).exists():
                kept.unlink(missing_ok=True)
        everywhere: Any = MultiProcessCollector(None, path=str(self._folder))  # type: ignore[no-untyped-call]  # the library has no types
        yield from everywhere.collect()

    def describe(self) -> list[Metric]:
        """Nothing is looked at before the first scrape."""
        return []


class _Levels(Collector):
    def __init__(self, levels: Levels) -> None:
        self._levels = levels

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, level in self._levels().items():
            said = name.replace("_", " ").capitalize() + "."
            if isinstance(level, Mapping):
                by_feed = GaugeMetricFamily(f"concord_{name}", said, labels=["feed"])
                for feed, value in level.items():
                    by_feed.add_metric([feed], value)
                yield by_feed
            else:
                yield GaugeMetricFamily(f"concord_{name}", said, level)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is looked at before the first scrape."""
        return []
