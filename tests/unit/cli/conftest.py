"""What the tests of commands have in common."""

import pytest

from tests.unit.cli.commanding import Concord, commanding


@pytest.fixture
def concord(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Concord:
    """`concord` with these words, in this process: its exit status, and all that it said."""
    return commanding(monkeypatch, capsys)
