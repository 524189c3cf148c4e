"""Every table of the package that decides is under the hash of the policy, which every row of the audit keeps."""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass, replace
from typing import Any

import pytest

from concord.governance import policy
from concord.governance.bars import legal_bars
from concord.governance.directory import Directory

TABLES: Mapping[str, Callable[[], Any]] = {
    name: getattr(policy, name) for name in ("roles", "purposes", "proxy_kinds", "after_death")
}
POLICY = policy.Policy(agreements=(), signatures=(), directory=Directory(organisations={}))


@pytest.mark.parametrize("table", TABLES)
def test_a_row_less_or_one_that_says_something_else_is_another_policy(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = replace(POLICY).version
    rows = TABLES[table]()
    for key, row in rows.items():
        assert is_dataclass(row)
        for changed in ({**rows, key: _otherwise(row)}, {name: each for name, each in rows.items() if name != key}):
            with monkeypatch.context() as patched:
                patched.setattr(policy, table, lambda rows=changed: rows)
                assert replace(POLICY).version != before, key
    assert replace(POLICY).version == before


def test_a_bar_less_is_another_policy() -> None:
    assert replace(POLICY, bars=legal_bars()[1:]).version != POLICY.version


def _otherwise(row: Any) -> Any:
    """The same row with the first of its yes-or-no words turned round, or else its first text longer."""
    said = {name: getattr(row, name) for name in type(row).__dataclass_fields__}
    turned = next((name for name, value in said.items() if isinstance(value, bool)), None)
    return replace(row, **({turned: not said[turned]} if turned else {"words": "somebody else"}))
