"""A server that is killed while it takes in a FHIR message over HTTP: sent again, there is one of everything."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from concord.app import compose_installation
from concord.base import SystemIds
from concord.installation import create
from tests.small_system import PRACTICE, enforce

# A server in a process of its own takes in a message, and is killed at a step of it; the next takes in the same message
# twice, and is killed at a step of another one. Prints of each message its steps until the server was killed, what was
# there of it then, how it was answered when it came again and again, and what is there of it in the end. The first
# message is answered: it tells the steps.
PROGRAM = """\
import hashlib, json, os, signal, socket, sys
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from concord.api import messages
from concord.base import OdsCode
from concord.cli import serving
from concord.ingest import FhirMessages
from concord.installation import Installation
from concord.fhir import encode
from concord.store import open_store
from concord.store.postgresql import PostgresqlStore, PostgresqlWriting
from concord.store.sqlite import SqliteStore, SqliteWriting
from tests.small_system import condition, patient

folder, database, token, wrong, thorough = sys.argv[1:]
installation = Installation(
    path=Path(folder), organisation=OdsCode("ZZP01"), demo_day=None,
    database=database if "://" in database else Path(database),
)
listener = socket.create_server(("127.0.0.1", 0))
serving._listening = lambda host, port: listener
told, tells = os.pipe()
doomed, at, left, begun = "", "", 0, False

def step(name):
    global left
    if begun:
        os.write(tells, f"{name} ".encode())
        left -= name == at
        if name == at and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

def before(name, act):
    def stepped(*words, **named):
        step(name)
        return act(*words, **named)
    return stepped

def begins(act):
    def begun_here(self, sent, document, by):
        global begun
        begun = self.header(document).id == doomed
        step("before")
        return act(self, sent, document, by)
    return begun_here

def transaction(act):
    @contextmanager
    def stepped(self):
        with act(self) as writing:
            yield writing
            step("commit")
        step("committed")
    return stepped

FhirMessages.take = begins(FhirMessages.take)
messages._sent = before("answer", messages._sent)
for kind in (SqliteWriting, PostgresqlWriting):
    for name in ("run", "run_many"):
        setattr(kind, name, before("statement", getattr(kind, name)))
for kind in (SqliteStore, PostgresqlStore):
    kind.writing = transaction(kind.writing)

def steps():
    return os.read(told, 65536).decode().split()

@contextmanager
def server(message="", dies_at=("", 0)):
    # Until the block ends; or to be killed within it, at the n-th step of this name of a message.
    pid = os.fork()
    if pid == 0:
        global doomed, at, left
        doomed, (at, left) = message, dies_at
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            serving.run_server(installation, "127.0.0.1", 0, "")
        finally:
            os._exit(0)
    whole = False
    try:
        yield
        whole = True
    finally:
        if not (whole and dies_at[1]):
            os.kill(pid, signal.SIGTERM if whole else signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert not dies_at[1] or ended == -signal.SIGKILL

def send(message):
    entries = [
        {"resourceType": "MessageHeader", "id": message, "eventUri": "urn:x", "source": {"endpoint": "urn:y"}},
        patient(message, number=None), condition(message, message) | ({"onsetDateTime": "x"} if wrong == "yes" else {}),
    ]
    body = {"resourceType": "Bundle", "type": "message", "entry": [{"resource": each} for each in entries]}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    connection = HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=120)
    try:
        connection.request("POST", "/fhir/$process-message", encode(body), headers)
        answer = connection.getresponse()
        return answer.status, hashlib.blake2b(answer.read()).hexdigest()
    except (HTTPException, OSError):
        return 0, ""
    finally:
        connection.close()

def there():
    store = open_store(installation.database)
    with store.reading() as reading:
        found = {table: reading.row(f"SELECT count(*) FROM {table}")[0]
                 for table in ("item", "locator", "link", "search_index", "relationship", "receipt", "quarantine")}
        found["written again"] = reading.row("SELECT count(*) FROM item WHERE version > 1")[0]
    store.close()
    return found

def since(earlier):
    return {name: count - earlier[name] for name, count in there().items()}

with server():
    send("m")  # what the first message of an installation makes once is not of its steps
earlier = there()
with server("m-0"):
    answers = [send("m-0"), send("m-0")]
found = steps()
found = found[:found.index("answer") + 1]
print(json.dumps([found, {}, answers, since(earlier)]))
statements = found.count("statement")
# The last of them comes before the commit; how many there are hangs on what the process wrote before.
chosen = [("statement", n) for n in (range(1, statements - 1) if thorough else (1, statements // 2))]
chosen += [(name, n) for name in ("before", "commit", "committed", "answer") for n in range(1, found.count(name) + 1)]
last = None
for number, doom in enumerate([*chosen, ("", 0)], 1):
    message = f"m-{number}"
    with server(message, doom):
        if last is not None:
            answers = [send(last), send(last)]
            print(json.dumps([died, left_behind, answers, since(earlier)]))
        if doom[1]:
            earlier = there()
            assert send(message) == (0, ""), doom
    if doom[1]:
        last, died, left_behind = message, steps(), since(earlier)
"""
CHECKOUT = Path(__file__).resolve().parents[2]
STORED = {"item": 3, "locator": 3, "link": 1, "receipt": 1, "quarantine": 0, "written again": 0}
HELD = {"item": 0, "locator": 0, "link": 0, "receipt": 1, "quarantine": 1, "written again": 0}


@pytest.mark.parametrize("thorough", ["", pytest.param("yes", marks=pytest.mark.soak)], ids=["", "at every step"])
@pytest.mark.parametrize("becomes", ["stored", "held"])
def test_sent_again_there_is_one_of_everything(
    database: Path | str, tmp_path: Path, becomes: str, thorough: str
) -> None:
    url = database if isinstance(database, str) else None
    installation = create(tmp_path / "data", organisation=PRACTICE.organisation, database=url)
    app = compose_installation(installation, SystemIds())
    enforce(app)
    token = app.accounts.issue_system_token(PRACTICE.organisation, timedelta(hours=1))
    app.close()
    words = [str(installation.path), str(installation.database), token, "yes" if becomes == "held" else "", thorough]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )
    assert done.returncode == 0, done.stderr
    unharmed, *killed = map(json.loads, done.stdout.splitlines())
    steps, _, _, whole = unharmed
    assert whole | (STORED if becomes == "stored" else HELD) == whole
    assert {"before", "statement", "commit", "committed", "answer"} == {died[-1] for died, *_ in killed} == {*steps}
    for died, left_behind, answers, in_the_end in [unharmed, *killed]:
        first, second = answers
        assert (first, first[0]) == (second, 200), died
        assert in_the_end == whole, died
        if left_behind:
            durable = died.count("committed") == steps.count("committed")
            assert left_behind == (whole if durable else dict.fromkeys(whole, 0)), died
