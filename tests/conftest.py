"""What every test stands on: no network but loopback, the same random cases each run, one way to a browser."""

import functools
import ipaddress
import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, ViewportSize, sync_playwright

from concord.store import Store, open_store
from tests.postgresql_server import Lease

CHECKOUT = Path(__file__).resolve().parents[1]
AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",  # the pages are ours, and a container's root may not use the sandbox
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
OUR_ADDRESSES = ("http://127.0.0.1:", "http://localhost:", "data:", "about:")
NOT_RUN = "NOT RUN: no Chromium on this machine; `make test` tries to install one, else install it yourself"

# The same cases on every run and every machine; a slow machine is not a failure.
settings.register_profile(
    "quick", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
CASES = int(os.environ.get("CASES", "1000"))  # of each law in a soak
settings.register_profile("soak", max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quick")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of example data beside the checkout: synthea, ukcore, hl7v2, gp-connect."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the example data are not beside this checkout (../shared/data)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    """A test that asks another machine for anything fails, whatever the network would have answered."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_foreign(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_foreign(self, address)
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        yield


def _refuse_foreign(connection: socket.socket, address: Any) -> None:
    if connection.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    host = str(address[0])
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        pytest.fail(f"A test tried to reach {host}; tests speak to this machine alone")


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> Iterator[Lease]:
    """The PostgreSQL server of this run, which the processes of the run share."""
    lease = Lease(os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex)
    yield lease
    lease.let_go()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """What is tested with it is tested on each engine."""
    return str(request.param)


@pytest.fixture
def database(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Where an empty database is, for `open_store`: on each engine."""
    with new_database(engine, request, tmp_path) as where:
        yield where


@pytest.fixture
def store(database: Path | str) -> Iterator[Store]:
    """An empty store, on each engine."""
    opened = open_store(database)
    yield opened
    opened.close()


@contextmanager
def new_database(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Path | str]:
    """For fixtures of a wider scope than a test."""
    if engine == "sqlite":
        yield folder / "concord.db"
        return
    lease: Lease = request.getfixturevalue("postgresql")
    with lease.database() as url:
        yield url


@functools.cache
def chromium() -> str | None:
    """The Chromium of this machine, else the one that Playwright installed, else None."""
    for name in CHROMIUMS:
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module; while it is open no other test may run an event loop in this process."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page at desktop width, in English of Britain, that must not ask another host or break its own policy."""
    context = browser.new_context(viewport=DESKTOP, locale="en-GB", timezone_id="Europe/London")
    faults = _watched(context)
    yield context.new_page()
    context.close()
    assert faults == []


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A fresh page at phone width, with touch and without JavaScript: everything works all the same."""
    context = browser.new_context(viewport=PHONE, has_touch=True, java_script_enabled=False, locale="en-GB")
    faults = _watched(context)
    yield context.new_page()
    context.close()
    assert faults == []


def _watched(context: BrowserContext) -> list[str]:
    """What the pages of `context` do wrong from now on; a foreign address is noted and not asked."""
    faults: list[str] = []

    def fetch(route: Route) -> None:
        if route.request.url.startswith(OUR_ADDRESSES):
            route.continue_()
        else:
            faults.append(f"asked another host: {route.request.url}")
            route.abort()

    def hear(message: ConsoleMessage) -> None:
        # A refused or missing page is told on the console too, and is no fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            faults.append(f"console: {message.text}")

    context.route("**/*", fetch)
    context.on("weberror", lambda error: faults.append(f"script error: {error.error}"))
    context.on("console", hear)
    return faults


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Asserts that axe finds no violation on the page as it stands. Needs JavaScript (the `page` fixture)."""
    source = AXE.read_text(encoding="utf-8")

    def check(page: Page) -> None:
        page.evaluate(source)
        violations = page.evaluate("async () => (await axe.run(document)).violations")
        told = [
            f"{violation['id']} ({violation['impact']}): {violation['help']}: "
            + ", ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:5])
            for violation in violations
        ]
        assert told == [], f"axe on {page.url}"

    return check


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    wanting = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    for item in wanting:
        item.add_marker(pytest.mark.browser)
        if chromium() is None:
            item.add_marker(pytest.mark.skip(reason=NOT_RUN))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Browser tests that could not run are not a success."""
    if _not_run(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if number := _not_run(config):
        terminalreporter.section("browser tests NOT RUN", sep="=", red=True)
        terminalreporter.line(f"{number} browser tests {NOT_RUN}")


def _not_run(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return sum(1 for report in skipped if isinstance(report.longrepr, tuple) and NOT_RUN in report.longrepr[2])
