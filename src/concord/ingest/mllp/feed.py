"""A feed of messages, described by a file that is read strictly.

organisation: ZZA                       # whose system sends
service: outpatients                    # optional: of items that name none
nhs_numbers: traced                     # or stated (the default)
messages: [ADT, ORU^R01]                # allowed types; one without an event allows all of its events
sending_applications: [PAS, LAB]        # optional: MSH-3; any when left out
on_reject: accept-and-hold              # or refuse
tls:                                    # optional
  certificate: server.pem               # paths from where the file lies
  key: server.key
  clients_signed_by: clients.pem        # optional: clients must show a certificate that it signed
  clients: [pas.northfield.example]     # optional: by these names only
"""

import re
import ssl
from dataclasses import dataclass
from pathlib import Path

from concord.base import Entry, Incorrect, OdsCode, read_entry
from concord.ingest.hl7v2 import KINDS
from concord.ingest.mllp.acknowledgement import OnReject
from concord.ingest.model import Assurance

_TYPE = re.compile(r"[A-Z][A-Z0-9]{2}(\^[A-Z][A-Z0-9]{2})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """`clients` are the names (subject common name or DNS) that may connect; empty: any that `clients_signed_by`."""

    certificate: Path
    key: Path
    clients_signed_by: Path | None = None
    clients: frozenset[str] = frozenset()

    def context(self) -> ssl.SSLContext:
        """For a server, TLS 1.2 or later. Raises Incorrect for files that cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.certificate, self.key)
            if self.clients_signed_by is not None:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(self.clients_signed_by)
        except (OSError, ssl.SSLError) as error:
            raise Incorrect(f"The feed's certificates cannot be used: {error}.") from None
        return context


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageFeed:
    """Who sends what, and what a sender hears of a message that is rejected. `name` is the file's."""

    name: str
    organisation: OdsCode
    service: str | None
    nhs_numbers: Assurance
    messages: frozenset[str]
    sending_applications: frozenset[str]
    on_reject: OnReject
    tls: Tls | None

    def allows_type(self, type_: str) -> bool:
        """Whether a message of a type such as ADT^A01 may come this way."""
        return type_ in self.messages or type_.partition("^")[0] in self.messages

    def allows_sender(self, application: str) -> bool:
        return not self.sending_applications or application in self.sending_applications


def read_feed(path: Path) -> MessageFeed:
    """Raises Incorrect for a file that cannot be read, with line and column where it does not say what it must."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Incorrect(f"The feed {path} cannot be read: {error}.") from None
    return parse_feed(text, filename=path.name, folder=path.parent)


def parse_feed(text: str, *, filename: str, folder: Path) -> MessageFeed:
    """`folder` is where the paths of certificates start. Raises FileRefused with line and column."""
    fields = read_entry(text, filename=filename).fields(
        "a feed",
        required=["organisation", "messages"],
        optional=["service", "nhs_numbers", "sending_applications", "on_reject", "tls"],
    )

    def word(name: str, known: tuple[str, str]) -> str:
        return fields[name].one_of(name, known) if name in fields else known[0]

    senders = fields.get("sending_applications")
    return MessageFeed(
        name=filename,
        organisation=OdsCode(fields["organisation"].text("organisation")),
        service=fields["service"].slug("service") if "service" in fields else None,
        nhs_numbers="traced" if word("nhs_numbers", ("stated", "traced")) == "traced" else "stated",
        messages=frozenset(_message_type(entry) for entry in fields["messages"].one_or_more("the list of messages")),
        sending_applications=_words(senders, "sending application") if senders else frozenset(),
        on_reject="refuse" if word("on_reject", ("accept-and-hold", "refuse")) == "refuse" else "accept-and-hold",
        tls=_tls(fields["tls"], folder) if "tls" in fields else None,
    )


def _message_type(entry: Entry) -> str:
    type_ = entry.text("message type")
    if not _TYPE.fullmatch(type_):
        raise entry.refused(f'"{type_}" is no message type; write it like ADT or ADT^A01')
    known = {known.partition("^")[0] for kind in KINDS for known in kind.types}
    if type_.partition("^")[0] not in known:
        entry.one_of("message type", known)
    return type_


def _tls(entry: Entry, folder: Path) -> Tls:
    parts = entry.fields("tls", required=["certificate", "key"], optional=["clients_signed_by", "clients"])
    signed_by, named = parts.get("clients_signed_by"), parts.get("clients")
    if named is not None and signed_by is None:
        raise named.refused('"clients" needs "clients_signed_by": a name counts only in a certificate')
    return Tls(
        certificate=folder / parts["certificate"].text("certificate"),
        key=folder / parts["key"].text("key"),
        clients_signed_by=folder / signed_by.text("clients_signed_by") if signed_by else None,
        clients=_words(named, "client") if named else frozenset(),
    )


def _words(entry: Entry, what: str) -> frozenset[str]:
    return frozenset(one.text(what) for one in entry.one_or_more(f"the list of {what}s"))
