"""`concord` with words, in this process."""

from collections.abc import Callable

import pytest

from concord.cli import main

Concord = Callable[..., tuple[int, str]]


def commanding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Concord:
    """Gives its exit status, and all that it said."""

    def run(*words: object) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["concord", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else 0 if code is None else 1, said.out + said.err

    return run
