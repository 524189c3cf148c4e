"""How many audited reads of one item a second, in one process without HTTP: decided, read, served, the row on disk.

    .venv/bin/python benchmarks/audited.py [--reads 4000] [--postgresql] [--json FILE]

A GP reads Conditions of Northfield's people, by one thread and by eight, which share the commits of the audit. The
figure of processor time is what to compare between versions; the wall depends on the disk and on what else runs.
"""

import argparse
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from measuring import database_of, new, on, rows, show

from concord.accounts import viewer_of
from concord.app import App, compose_installation
from concord.base import SystemIds
from concord.fhir import parse_search
from concord.governance import Viewer
from concord.installation import find


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reads", type=int, default=4000)
    options.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, on(postgresql=asked.postgresql):
        data = Path(folder) / "northfield"
        new(data, "--demo", "--people", "40")
        ((user,),) = rows(data, "SELECT user_name FROM account_user WHERE role = 'gp' ORDER BY user_name LIMIT 1")
        app = compose_installation(find(data, database_of(data)), SystemIds())
        try:
            gp = viewer_of(app.accounts.user(user), "direct-care")
            ids = [each.id for each in app.records.search(parse_search("Condition", []), gp).wait().items]
            found = [measure(app, gp, ids, clients, asked.reads) for clients in (1, 8)]
        finally:
            app.close()
    show("Audited reads", found, asked.json)


def measure(app: App, viewer: Viewer, ids: list[str], clients: int, reads: int) -> dict[str, Any]:
    def read(first: int) -> None:
        for number in range(first, reads, clients):
            app.records.read("Condition", ids[number % len(ids)], viewer).wait()

    threads = [threading.Thread(target=read, args=(first,)) for first in range(clients)]
    wall, processor = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return {"clients": clients, "reads/s": reads / wall, "processor, microseconds a read": processor / reads * 1e6}


if __name__ == "__main__":
    main()
