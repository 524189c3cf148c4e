"""Soaks that end when there is no more time, and go on another day where they ended: `-p tests.soaking --minutes N`.

What has passed is remembered until all of what was asked for has, or the code is another.
"""

import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import pytest

NOT_BEGUN = "not begun: the minutes were over"
_ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--minutes", type=float, default=float("inf"), help="begin no test after so many (tests.soaking)")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Soak(config), "soak")


class Soak:
    """In the process that is asked, and in each that works for it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._until = time.monotonic() + config.getoption("--minutes") * 60
        self._key = f"soak/{_hash([*map(str, config.args), config.getoption('markexpr'), *_sources()])}"
        self._before: set[str] = set(config.cache.get(self._key, []))
        self._passed: set[str] = set()
        self._left = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        left = [item for item in items if item.nodeid not in self._before]
        self._config.hook.pytest_deselected(items=[item for item in items if item.nodeid in self._before])
        items[:] = left

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if time.monotonic() > self._until:
            pytest.skip(NOT_BEGUN)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self._passed.add(report.nodeid)
        self._left |= report.failed or (report.skipped and NOT_BEGUN in str(report.longrepr))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput"):  # whoever gives the work keeps the list
            session.config.cache.set(self._key, sorted(self._before | self._passed) if self._left else [])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        before, passed = len(self._before), len(self._passed)
        rest = "; the same command goes on from here" if self._left else ""
        terminalreporter.line(f"soak: {passed} passed now, {before} before{rest}")


def _sources() -> Iterator[str]:
    for folder in ("src", "tests"):
        for file in sorted((_ROOT / folder).rglob("*.py")):
            yield file.read_text(encoding="utf-8")


def _hash(texts: list[str]) -> str:
    return blake2b("\0".join(texts).encode(), digest_size=16).hexdigest()
