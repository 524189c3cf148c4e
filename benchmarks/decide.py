"""How long the decision about one person takes: who may see which parts, from facts read anew.

    .venv/bin/python benchmarks/decide.py [--json FILE]

Every demo user asks once about every person of Northfield, and what an agreement says to a role is compiled already:
this is what a request costs that nobody has made before.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from measuring import percentile, run, show

from concord.app import compose_installation
from concord.base import PersonId, SystemIds
from concord.governance import Viewer
from concord.installation import find


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path)
    target = options.parse_args().json
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "northfield"
        run("init", data, "--demo")
        app = compose_installation(find(data), SystemIds())
        try:
            found = measure(app)
        finally:
            app.close()
    show("Decide about one person (ms)", found, target)


def measure(app: Any) -> list[dict[str, Any]]:
    with app.store.reading() as reading:
        persons = [PersonId(row[0]) for row in reading.rows("SELECT DISTINCT person FROM link ORDER BY person")]
    by_role: dict[str, list[float]] = {}
    shown: dict[str, int] = {}
    for user in app.accounts.users():
        viewer = Viewer(
            user=user.user, name=user.name, title=user.title, staff_id=user.staff_id, organisation=user.organisation,
            service=user.service, role=user.role, teams=user.teams, purpose="direct-care",
        )  # fmt: skip
        with app.store.reading() as reading:
            app.gate.decide(reading, viewer, persons[0])
        for person in persons:
            with app.store.reading() as reading:
                began = time.perf_counter()
                decided = app.gate.decide(reading, viewer, person)
                by_role.setdefault(user.role, []).append((time.perf_counter() - began) * 1000)
            shown[user.role] = shown.get(user.role, 0) + (decided is not None and not decided.refused)
    every = [spent for of_role in by_role.values() for spent in of_role]
    return [
        {"role": role, "decisions": len(spent), "opened": opened, "p50": percentile(spent, 0.5),
         "p95": percentile(spent, 0.95), "longest": max(spent)}
        for role, spent, opened in [
            *((role, spent, shown[role]) for role, spent in sorted(by_role.items())),
            ("all", every, sum(shown.values())),
        ]
    ]  # fmt: skip


if __name__ == "__main__":
    main()
