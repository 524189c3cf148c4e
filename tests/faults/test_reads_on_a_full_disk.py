"""On a disk that is really full: audited reads go on, writes are refused with a sentence, and then it goes on."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SMALL_DISK = 'mount -t tmpfs -o size=120m none "$1" && shift && exec "$@"'

STORY = """
    import os, sys
    from pathlib import Path
    from concord.base import NhsNumber, Unavailable
    from concord.record import OpenRecord, PersonQuery
    from tests.small_system import GP, NHS_NUMBER, PRACTICE, condition, patient, send, small_system, statuses

    disk = Path(sys.argv[1])

    def fill(but):
        with (disk / "others").open("ab") as file:
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            os.posix_fallocate(file.fileno(), file.tell(), max(free - but, 1))

    def reads():
        (found,) = app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), GP).wait()
        record = app.records.open(found.person, GP).wait()
        return isinstance(record, OpenRecord) and len(record.items)

    def refused(act):
        try:
            act()
        except Unavailable as error:
            return error.message
        return None

    with small_system(disk) as app:
        app.store.keep_reserve()
        assert (disk / "concord.db-reserve").stat().st_size == 64 << 20
        send(app, PRACTICE, patient("p"), condition("c", "p"))
        assert reads() == 2 and app.store.alarm() is None

        fill(but=100_000)
        for _ in range(300):
            assert reads() == 2
        assert "disk is full" in app.store.alarm()
        assert "can still be read" in refused(lambda: send(app, PRACTICE, condition("c2", "p")))
        assert app._check() == app.store.alarm()

        fill(but=0)  # the reserve is spent, too
        said = None
        for _ in range(5_000):
            said = refused(reads)
            if said:
                break
        assert said and "nothing is shown" in said and "Ring" in said, said

        (disk / "others").unlink()
        import time
        time.sleep(1.1)
        assert statuses(send(app, PRACTICE, condition("c3", "p"))) == ["stored"]
        assert reads() == 3 and app.store.alarm() is None
        assert list(app.verify(whole=True).wrong) == []
    print("told to the end")
"""


def test_reads_go_on_until_the_reserve_is_spent(tmp_path: Path) -> None:
    unshared = ["unshare", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh", str(tmp_path)]
    try:
        possible = subprocess.run([*unshared, "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        possible = False
    if not possible:
        pytest.skip("no small disk can be mounted here (unshare --map-root-user --mount, tmpfs)")
    command = [*unshared, sys.executable, "-c", textwrap.dedent(STORY), str(tmp_path)]
    told = subprocess.run(command, check=False, capture_output=True, text=True, cwd=CHECKOUT, timeout=120)
    assert (told.returncode, told.stdout) == (0, "told to the end\n"), told.stderr
