"""Who may send at all: clients with a certificate that the feed allows. The real record, over a real socket."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.app import App
from concord.ingest.mllp.handshakes import Refusals
from tests.mllp_client import Sender, admission
from tests.small_system import small_system
from tests.spec.ingest.listening import FEED, connected, items


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
        yield system


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ca.pem, and under it server, known and stranger; other.pem signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine to make certificates with")
    folder = tmp_path_factory.mktemp("certificates")

    def make(name: str, *words: str) -> None:
        subject = [
            "-subj",
            f"/CN={name}",
            "-addext",
            "subjectAltName=DNS:localhost" if name == "server" else f"subjectAltName=DNS:{name}",
        ]
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key"]
        command = [openssl, "req", "-x509", *key, "-days", "2", *subject, *words, "-out", f"{name}.pem"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    make("ca")
    for name in ("server", "known.example", "stranger.example"):
        make(name, "-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=CA:FALSE")
    make("other.example")
    return folder


def presenting(folder: Path, name: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    if name is not None:
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


TLS = "tls: {certificate: server.pem, key: server.key, clients_signed_by: ca.pem, clients: [known.example]}\n"


def test_a_client_with_the_right_certificate_is_heard(app: App, certificates: Path) -> None:
    secure = presenting(certificates, "known.example")
    with connected(app, FEED + TLS, certificates) as port, Sender(port, secure=secure) as sender:
        assert sender.code(admission(1)) == "AA"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (None, "TLS handshake failed: peer did not return a certificate"),
        ("stranger.example", "its certificate bears no name that the feed allows"),
        ("other.example", "TLS handshake failed: certificate verify failed, "),
    ],
)
def test_any_other_is_not(
    app: App, certificates: Path, name: str | None, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with connected(app, FEED + TLS, certificates) as port:
        with pytest.raises((EOFError, OSError)), Sender(port, secure=presenting(certificates, name)) as sender:
            sender.code(admission(1))
        with pytest.raises((EOFError, OSError)), Sender(port, wait_s=3) as sender:  # nor one that speaks in the open
            sender.code(admission(1))
    assert items(app) == {}
    refused = [each.getMessage() for each in caplog.records if "a connection is refused" in each.getMessage()]
    assert [each.startswith("pas: a connection is refused: ") for each in refused] == [True, True]
    assert told in refused[0]
    assert "TLS handshake failed: " in refused[1]


def test_a_refusal_that_is_repeated_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    at = [0.0]
    refusals = Refusals("pas", now=lambda: at[0])
    for at[0] in (0.0, 1.0, 59.0, 60.0, 61.0):
        refusals.note("one kind")
    refusals.note("another kind")
    assert [each.getMessage() for each in caplog.records] == [
        "pas: a connection is refused: one kind",
        "pas: a connection is refused: one kind (2 more since it was last said)",
        "pas: a connection is refused: another kind",
    ]
