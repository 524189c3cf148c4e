"""The instruments of the browser tests find what they are there to find."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests import conftest
from tests.architecture.house import CHECKOUT

GOOD_PAGE = '<html lang="en"><title>t</title><main><h1>A page</h1><p>Words.</p></main></html>'


def test_axe_finds_nothing_on_a_good_page(page: Page, axe: Callable[[Page], None]) -> None:
    page.set_content(GOOD_PAGE)
    axe(page)


def test_axe_finds_a_field_without_a_label(page: Page, axe: Callable[[Page], None]) -> None:
    page.set_content(GOOD_PAGE.replace("<p>", "<input><p>"))
    with pytest.raises(AssertionError, match="label"):
        axe(page)


def test_a_page_that_asks_another_host_is_found(browser: Browser) -> None:
    context = browser.new_context()
    faults = conftest._watched(context)
    context.new_page().set_content(GOOD_PAGE.replace("<p>", '<img alt="" src="http://font.example/x.png"><p>'))
    context.close()
    assert faults == ["asked another host: http://font.example/x.png"]


def test_a_script_that_fails_is_found(browser: Browser) -> None:
    context = browser.new_context()
    faults = conftest._watched(context)
    context.new_page().set_content("<script>missing()</script>")
    context.close()
    assert any("missing is not defined" in fault for fault in faults)


def test_a_test_cannot_reach_another_machine() -> None:
    with socket.socket() as connection, pytest.raises(pytest.fail.Exception, match="this machine alone"):
        connection.connect(("192.0.2.1", 80))  # an address of RFC 5737, which nobody has


def test_without_a_chromium_browser_tests_are_not_run_and_the_run_fails(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    for workers in ([], ["-n", "1"]):
        command = [sys.executable, "-m", "pytest", "-q", "-k", "good_page", *workers, __file__]
        done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
        assert "1 browser tests NOT RUN" in done.stdout
