"""Who there is: organisations with their services, the job roles, and the purposes of use."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache, cached_property
from importlib.resources import files

from concord.base import Entry, OdsCode, read_entry, suggestion
from concord.governance.spans import start_of_day
from concord.terminology import Label, label_mask

ORGANISATION_KINDS = (
    "gp-practice",
    "acute-trust",
    "community-trust",
    "mental-health-trust",
    "council",
    "ambulance",
    "urgent-care",
    "care-home",
    "hospice",
    "pharmacy",
)
_ODS_CODE = re.compile(r"[A-Z0-9]{3,12}\Z")
_ALWAYS = date(1900, 1, 1)
_SDS_CODE = re.compile(r"R\d{4}\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A care service of an organisation. `labels`: what everything that it contributes carries."""

    service: str
    name: str
    labels: frozenset[Label] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """An organisation of the care system. `short` is its name on a chip ("GP", "Hospital")."""

    code: OdsCode
    name: str
    short: str
    kind: str
    telephone: str
    services: tuple[Service, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Succession:
    """That `successor` stands in the place of another organisation from the start of `from_on`, in UK time."""

    successor: OdsCode
    from_on: date

    def acts(self, at: datetime) -> bool:
        return start_of_day(self.from_on) <= at


PATIENT = "patient"
"""The role of whoever signs in to see their own record."""
OWN_ACCESS = "own-access"
"""The purpose for which they do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A job role in the agreements' words, with the SDS job role codes that it stands for.

    `traces`: may find a person in the tracing index. `audits`: may see who has looked at a record. Of the agreements,
    `reads_agreements`: may read them and their drafts; `drafts_agreements`: may draft changes too. `reviews_links`: may
    say whose records belong together. `runs_programme`: may see how feeds do. `reviews_labels`: may see
    what their organisation's items are labelled and why, and correct it.
    """

    role: str
    title: str
    sds: tuple[str, ...]
    traces: bool
    audits: bool
    reads_agreements: bool
    drafts_agreements: bool
    reviews_links: bool
    runs_programme: bool
    reviews_labels: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Purpose:
    """A purpose of use in the agreements' words, with its HL7 v3 codes.

    `traces`: people may be found for it. `shows_records`: records open for it; else people are counted, no more.
    `opt_out`: whoever has opted out nationally is not counted.
    """

    purpose: str
    codes: tuple[str, ...]
    traces: bool
    shows_records: bool
    opt_out: bool


@cache
def roles() -> Mapping[str, Role]:
    """The job roles, by name, in the order of the table."""
    table = _package_table("roles.yaml").pairs("the table of roles")
    return {key.slug("role"): _role(key.slug("role"), value) for key, value in table}


@cache
def purposes() -> Mapping[str, Purpose]:
    """The purposes of use, by the agreements' word."""
    table = _package_table("purposes.yaml").pairs("the table of purposes")
    return {key.slug("purpose"): _purpose(key.slug("purpose"), value) for key, value in table}


def purpose_word(given: str) -> str | None:
    """The agreements' word for an HL7 v3 PurposeOfUse code (or for the word itself); None if there is none."""
    return _purpose_words().get(given)


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The curated list of organisations, in the order of its file; a feed never changes it.

    `successions`: by whom and from when organisations are succeeded, by their code; never in a circle.
    """

    organisations: Mapping[OdsCode, Organisation]
    successions: Mapping[OdsCode, Succession] = field(default_factory=dict)

    def line(self, code: OdsCode, at: datetime) -> tuple[OdsCode, ...]:
        """The organisation and those that have stood in its place up to the instant, the last of which does then."""
        found = [code]
        while (succession := self.successions.get(found[-1])) is not None and succession.acts(at):
            found.append(succession.successor)
        return tuple(found)

    def predecessors(self, code: OdsCode, at: datetime) -> tuple[OdsCode, ...]:
        """In whose place it stands at the instant, directly or through others."""
        return tuple(sorted(each for each in self.successions if each != code and code in self.line(each, at)))

    def seats(self, code: OdsCode, at: datetime) -> tuple[OdsCode, ...]:
        """As which organisations whoever works there sees records at the instant: their own, which is the successor of
        one that has been succeeded, and then its predecessors."""
        own = self.line(code, at)[-1]
        return own, *self.predecessors(own, at)

    @cached_property
    def edges(self) -> tuple[datetime, ...]:
        """The instants at which somebody is succeeded."""
        return tuple(sorted({start_of_day(each.from_on) for each in self.successions.values()}))

    def settled(self, at: datetime) -> "Directory":
        """The same with the successions that act at the instant, as if they always had, and with no other. Who has been
        succeeded is called so: `Millbrook Surgery (now Hilltop Surgery)`."""
        acting = {code: each for code, each in self.successions.items() if each.acts(at)}
        if not self.successions:
            return self
        names = {code: f"{self.name(code)} (now {self.name(self.line(code, at)[-1])})" for code in acting}
        return Directory(
            organisations={
                code: replace(each, name=names[code]) if code in acting else each
                for code, each in self.organisations.items()
            },
            successions={code: replace(each, from_on=_ALWAYS) for code, each in acting.items()},
        )

    def name(self, code: OdsCode) -> str:
        """What people call the organisation; its code if it is not in the directory."""
        known = self.organisations.get(code)
        return known.name if known else code

    def services_of(self, code: OdsCode) -> Sequence[Service]:
        """Its services; none of an organisation that is not in the directory."""
        known = self.organisations.get(code)
        return known.services if known else ()

    def service_name(self, code: OdsCode, service: str | None) -> str:
        """What people call a service; its word where the directory does not name it, "" for none."""
        return next((each.name for each in self.services_of(code) if each.service == service), service or "")

    def names_service(self, code: OdsCode, service: str | None) -> bool:
        return any(each.service == service for each in self.services_of(code))

    def service_labels(self, code: OdsCode, service: str | None) -> int:
        """The labels (stored form) of all that the service contributes; 0 where none are named.

        A service that is missing among those that the directory names of an organisation may be any: `unknown`.
        """
        services = self.services_of(code)
        if service is None or not services:
            return 0
        return next((label_mask(each.labels) for each in services if each.service == service), Label.UNKNOWN.mask)


def parse_directory(text: str, *, filename: str) -> Directory:
    """The directory from the text of `organisations.yaml`. Raises FileRefused with line and column."""
    root = read_entry(text, filename=filename).fields("the directory", required=["organisations"])
    organisations: dict[OdsCode, Organisation] = {}
    succeeded: dict[OdsCode, Entry] = {}
    for entry in root["organisations"].entries("organisations"):
        organisation, succession = _organisation(entry)
        if organisation.code in organisations:
            raise entry.refused(f'organisation "{organisation.code}" stands twice')
        organisations[organisation.code] = organisation
        if succession is not None:
            succeeded[organisation.code] = succession
    return Directory(organisations=organisations, successions=_successions(succeeded, organisations))


def _successions(
    succeeded: Mapping[OdsCode, Entry], organisations: Mapping[OdsCode, Organisation]
) -> Mapping[OdsCode, Succession]:
    fields = {code: entry.fields("a succession", required=["code", "on"]) for code, entry in succeeded.items()}
    read = {
        code: Succession(successor=OdsCode(each["code"].text("code")), from_on=each["on"].day("on"))
        for code, each in fields.items()
    }
    for code, each in read.items():
        entry = fields[code]["code"]
        if each.successor not in organisations:
            near = suggestion(each.successor, [known for known in organisations if known != code])
            raise entry.refused(f'unknown organisation "{each.successor}"{near}')
        if code in _after(each.successor, read):
            raise entry.refused(f'"{code}" would succeed itself through "{each.successor}"')
        onward = read.get(each.successor)
        if onward is not None and onward.from_on < each.from_on:
            raise entry.refused(
                f'"{each.successor}" is itself succeeded on {onward.from_on}, before it could succeed "{code}"; '
                f'name "{onward.successor}"'
            )
    return read


def _after(code: OdsCode, successions: Mapping[OdsCode, Succession]) -> list[OdsCode]:
    """The organisation and all that come after it, each once."""
    found: list[OdsCode] = []
    while code not in found:
        found.append(code)
        code = successions[code].successor if code in successions else code
    return found


def _organisation(entry: Entry) -> tuple[Organisation, Entry | None]:
    """An organisation, and where its entry says by whom it is succeeded."""
    fields = entry.fields(
        "an organisation",
        required=["code", "name", "short", "kind"],
        optional=["telephone", "services", "succeeded_by"],
    )
    code = fields["code"].text("code")
    if not _ODS_CODE.match(code):
        raise fields["code"].refused(f'"{code}" is not an ODS code (3 to 12 capital letters and digits)')
    services: list[Service] = []
    for each in fields["services"].entries("services", empty=True) if "services" in fields else []:
        service = _service(each)
        if any(other.service == service.service for other in services):
            raise each.refused(f'service "{service.service}" stands twice')
        services.append(service)
    organisation = Organisation(
        code=OdsCode(code),
        name=fields["name"].text("name"),
        short=fields["short"].text("short"),
        kind=fields["kind"].one_of("kind of organisation", ORGANISATION_KINDS),
        telephone=fields["telephone"].text("telephone") if "telephone" in fields else "",
        services=tuple(services),
    )
    return organisation, fields.get("succeeded_by")


def _service(entry: Entry) -> Service:
    fields = entry.fields("a service", required=["service", "name"], optional=["labels"])
    labels = fields["labels"].each_of("label", list(Label), empty=True) if "labels" in fields else []
    return Service(
        service=fields["service"].slug("service"),
        name=fields["name"].text("name"),
        labels=frozenset(Label(label) for label in labels),
    )


def _role(role: str, entry: Entry) -> Role:
    fields = entry.fields(
        "a role", required=["title", "sds", "traces", "audits"], optional=["agreements", "links", "programme", "labels"]
    )
    agreements = (
        fields["agreements"].one_of("right to agreements", ("reads", "drafts")) if "agreements" in fields else ""
    )
    codes = [each.text("SDS code") for each in fields["sds"].entries("the list of SDS codes", empty=True)]
    for code in codes:
        if not _SDS_CODE.match(code):
            raise fields["sds"].refused(f'"{code}" is not an SDS job role code')
    return Role(
        role=role,
        title=fields["title"].text("title"),
        sds=tuple(codes),
        traces=fields["traces"].yes_or_no("traces"),
        audits=fields["audits"].yes_or_no("audits"),
        reads_agreements=agreements != "",
        drafts_agreements=agreements == "drafts",
        reviews_links=fields["links"].yes_or_no("links") if "links" in fields else False,
        runs_programme=fields["programme"].yes_or_no("programme") if "programme" in fields else False,
        reviews_labels=fields["labels"].yes_or_no("labels") if "labels" in fields else False,
    )


def _purpose(purpose: str, entry: Entry) -> Purpose:
    fields = entry.fields("a purpose", required=["codes", "traces", "shows"], optional=["opt_out"])
    codes = [each.text("purpose code") for each in fields["codes"].entries("the list of codes", empty=True)]
    return Purpose(
        purpose=purpose,
        codes=tuple(codes),
        traces=fields["traces"].yes_or_no("traces"),
        shows_records=fields["shows"].one_of("shows", ("records", "counts")) == "records",
        opt_out=fields["opt_out"].yes_or_no("opt_out") if "opt_out" in fields else False,
    )


@cache
def _purpose_words() -> Mapping[str, str]:
    words = {word: word for word in purposes()}
    return words | {code: word for word, purpose in purposes().items() for code in purpose.codes}


def _package_table(name: str) -> Entry:
    return read_entry(files("concord.governance").joinpath(name).read_text(encoding="utf-8"), filename=name)
