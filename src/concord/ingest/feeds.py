"""What a feed is, described by one file of an installation, feeds/NAME.yaml, that is read strictly.

docs/reference/feeds.md says what each key means.
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from concord.base import Entry, Incorrect, OdsCode, read_entry
from concord.fhir import RESOURCE_TYPES
from concord.ingest.hl7v2 import CHARACTER_SETS, KINDS
from concord.ingest.model import Assurance
from concord.ingest.rhythm import Rhythm, read_rhythm
from concord.ingest.texts import text_of

Kind = Literal["hl7v2", "fhir", "table"]
Transport = Literal["mllp", "folder", "fhir"]
OnReject = Literal["accept-and-hold", "refuse"]
Order = Literal["by-time", "by-person"]
Ready = Literal["still", "marker"]

_TRANSPORTS: Mapping[str, tuple[str, ...]] = {
    "hl7v2": ("mllp", "folder"),
    "fhir": ("folder", "fhir"),
    "table": ("folder",),
}
_ALWAYS = ("organisation",)
_ANY = ("kind", "transport", "service", "nhs_numbers", "rhythm", "hours", "days", "on_reject", "shadow")
_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "hl7v2": ("messages", "sending_applications", "assigning_authorities", "order", "character_set"),
    "fhir": ("resources",),
    "table": ("mapping",),
}
_OF_TRANSPORT: Mapping[str, tuple[str, ...]] = {
    "mllp": ("tls",),
    "folder": ("folder", "ready"),
    "fhir": ("sending_applications",),
}
_NEEDED = {"hl7v2": "messages", "table": "mapping"}
_TYPE = re.compile(r"[A-Z][A-Z0-9]{2}(\^[A-Z][A-Z0-9]{2})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """`clients` are the names (subject common name or DNS) that may connect; empty: any that `clients_signed_by`."""

    certificate: Path
    key: Path
    clients_signed_by: Path | None = None
    clients: frozenset[str] = frozenset()

    def context(self) -> ssl.SSLContext:
        """For a server, TLS 1.2 or later. Raises Incorrect naming the file that cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        with _usable(f"{self.certificate} with the key {self.key}", self.certificate, self.key):
            context.load_cert_chain(self.certificate, self.key)
        if self.clients_signed_by is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            with _usable(f"{self.clients_signed_by}", self.clients_signed_by):
                context.load_verify_locations(self.clients_signed_by)
        return context


@contextmanager
def _usable(together: str, *files: Path) -> Iterator[None]:
    """Raises Incorrect naming the file that cannot be read, or what does not fit together."""
    where = together
    try:
        for file in files:
            where = str(file)
            file.open("rb").close()
        where = together
        yield
    except OSError as error:  # of which those of TLS are
        why = error.reason.replace("_", " ").lower() if isinstance(error, ssl.SSLError) and error.reason else ""
        why = why or error.strerror or "no certificate can be read from it"
        raise Incorrect(f"The feed's certificates cannot be used: {where}: {why}.") from None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedDescription:
    """Who sends what, how it comes, and what becomes of what is rejected. `name` is the file's, without ".yaml".

    `shadow`: it is tried and kept, and shown to nobody. `messages`: HL7 v2 types that may come; `character_set`: that
    of those that do not name theirs. `resources`: FHIR types that may come; empty: any. `mapping`, `folder`: where they
    lie. `order` "by-person": what comes for a person waits behind a message of theirs that is held.
    """

    name: str
    organisation: OdsCode
    service: str | None
    kind: Kind
    transport: Transport
    nhs_numbers: Assurance
    rhythm: Rhythm | None
    on_reject: OnReject
    order: Order
    character_set: str
    shadow: bool
    messages: frozenset[str]
    sending_applications: frozenset[str]
    assigning_authorities: frozenset[str]
    resources: frozenset[str]
    mapping: Path | None
    folder: Path | None
    ready: Ready
    tls: Tls | None

    def allows_type(self, type_: str) -> bool:
        """Whether a message of a type such as ADT^A01 may come this way."""
        return type_ in self.messages or type_.partition("^")[0] in self.messages

    @property
    def rhythm_in_words(self) -> str:
        """To follow "every"; empty where no rhythm is expected."""
        return "" if self.rhythm is None else self.rhythm.in_words

    def allows_sender(self, application: str) -> bool:
        return not self.sending_applications or application in self.sending_applications


def read_feed(path: Path) -> FeedDescription:
    """Raises Incorrect for a file that cannot be read, with line and column where it does not say what it must."""
    return parse_feed(text_of(path, "feed"), filename=path.name, folder=path.parent)


def parse_feed(text: str, *, filename: str, folder: Path) -> FeedDescription:
    """`folder` is where the file's paths start. Raises FileRefused with line and column."""
    whole = read_entry(text, filename=filename)
    every = [*_ANY, *(key for keys in (*_OF_KIND.values(), *_OF_TRANSPORT.values()) for key in keys)]
    fields = whole.fields("a feed", required=_ALWAYS, optional=every)

    def word(name: str, known: tuple[str, ...]) -> str:
        """One of the words that are known; the first when the file does not say."""
        return fields[name].one_of(name, known) if name in fields else known[0]

    def words(name: str) -> frozenset[str]:
        return _words(fields[name], name.replace("_", " ").removesuffix("s")) if name in fields else frozenset()

    def path(name: str) -> Path | None:
        return folder / fields[name].text(name) if name in fields else None

    kind = word("kind", tuple(_TRANSPORTS))
    transport = word("transport", _TRANSPORTS[kind])
    _check_fit(whole, fields, kind, transport)
    name = filename.removesuffix(".yaml")
    return FeedDescription(
        name=name,
        organisation=OdsCode(fields["organisation"].text("organisation")),
        service=fields["service"].slug("service") if "service" in fields else None,
        kind=next(each for each in get_args(Kind) if each == kind),
        transport=next(each for each in get_args(Transport) if each == transport),
        nhs_numbers="traced" if word("nhs_numbers", ("stated", "traced")) == "traced" else "stated",
        rhythm=read_rhythm(fields),
        on_reject="refuse" if word("on_reject", get_args(OnReject)) == "refuse" else "accept-and-hold",
        order="by-person" if word("order", get_args(Order)) == "by-person" else "by-time",
        character_set=word("character_set", CHARACTER_SETS),
        shadow="shadow" in fields and fields["shadow"].yes_or_no("shadow"),
        messages=frozenset(_message_types(fields["messages"])) if "messages" in fields else frozenset(),
        sending_applications=words("sending_applications"),
        assigning_authorities=frozenset(each.upper() for each in words("assigning_authorities")),
        resources=frozenset(_resource_types(fields["resources"])) if "resources" in fields else frozenset(),
        mapping=path("mapping"),
        folder=path("folder") or (folder / name if transport == "folder" else None),
        ready="marker" if word("ready", get_args(Ready)) == "marker" else "still",
        tls=_tls(fields["tls"], folder) if "tls" in fields else None,
    )


def _check_fit(whole: Entry, fields: Mapping[str, Entry], kind: str, transport: str) -> None:
    """That the keys are those of such a feed: one that would have no effect is refused."""
    fitting = {*_ALWAYS, *_ANY, *_OF_KIND[kind], *_OF_TRANSPORT[transport]}
    for key, _ in whole.pairs("a feed"):
        if (name := key.text("a key")) not in fitting:
            raise key.refused(f'"{name}" means nothing in a feed of the kind {kind} that comes by {transport}')
    refusing = "on_reject" in fields and fields["on_reject"].is_word("refuse")
    if refusing and "order" in fields and fields["order"].is_word("by-person"):
        raise fields["order"].refused("a sender whose messages are refused keeps their order itself")
    needed = _NEEDED.get(kind)
    if needed is not None and needed not in fields:
        raise whole.refused(f'a feed of the kind {kind} needs the key "{needed}"')


def _message_types(entry: Entry) -> list[str]:
    return [_message_type(each) for each in entry.one_or_more("the list of messages")]


def _message_type(entry: Entry) -> str:
    type_ = entry.text("message type")
    if not _TYPE.fullmatch(type_):
        raise entry.refused(f'"{type_}" is no message type; write it like ADT or ADT^A01')
    known = {known.partition("^")[0] for kind in KINDS for known in kind.types}
    if type_.partition("^")[0] not in known:
        entry.one_of("message type", known)
    return type_


def _resource_types(entry: Entry) -> list[str]:
    """With that of a message's own header, without which none of them can come in a message."""
    named = [each.one_of("resource type", RESOURCE_TYPES) for each in entry.one_or_more("the list of resources")]
    return [*named, "MessageHeader"]


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
