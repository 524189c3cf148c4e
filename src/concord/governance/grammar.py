"""The agreement format: from text to `Agreement`, strictly, with line, column and the nearest suggestion.

Grammar (`?` optional; every list non-empty but for `allows_labels`):

    agreement: slug            title: text        version: number       purpose: word of purposes.yaml
    lawful_basis: {gdpr: [6(1)(e), ...], confidence: [implied-consent, ...]}
    in_force: {from: date, review: date, until: date}
    parties: {group: [organisation, ...], ...}
    sets?: {name: [heading, ...], ...}
    processing?: {why: text, in_plain_words: text, people: text, controllers: text, contact: text, retention: text,
                  security: text, transfers: text}
    location_protected?: {roles: [role, ...]}       # who may see what locates a protected person
    clauses:
      - id: slug
        from: {organisations: group | organisation | [either, ...], services?: [service, ...]}
        shares: [set | heading, ...]
        with: {organisations: own | group | organisation | [either, ...], services?: [...], roles: [role, ...]}
        when?: [registered | attending | inpatient | referred | on-caseload | care-team | resident |
               nominated-pharmacy | {discharged-within: span} | appointment-within | {appointment-within: span} |
               {self-claimed: span}]                    # wanted, unless the purpose is one that counts people
        consent?: {share-out?: implied | explicit, share-in?: implied | explicit}      # default implied
        objection?: {except: [set | heading, ...]}
        allows_labels?: [label, ...]
        override?: {roles: [role, ...], for: span,
                    lifts: [relationship | flagged-seals | objection | consent | {labels: [label, ...]}]}
    promises?:                                       # `concord.governance.promise_grammar`
      - {id: slug, never: {...}, unless?: ..., says: text}
    examples?:
      - viewer: {role: role, at: organisation, service?: service}
        person?: {relationship?: word | [word, ...], discharged?: span, objects?: yes | no,
                  share-out?: given | refused, share-in?: given | refused, overrides?: yes | no}
        item?: {from?: organisation, labels?: [label, ...]}
        sees | hides: [set | heading, ...]

For a purpose that counts people a clause has neither `when` nor consent, objection, override: it opens no record.
`own` is each contributing organisation with itself alone. `appointment-within` bare means seven days. `self-claimed`:
the user has said with a reason that they care for the person, less than the span ago. `override`: what those of the
clause's roles can lift of its conditions when they break the glass, for the span. Spans of either are at most 72h.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from concord.base import Entry, OdsCode, read_entry
from concord.governance.agreement import Agreement, Clause, Condition, Example, Lift, Override, Processing, When
from concord.governance.bars import legal_bars
from concord.governance.directory import Directory, purposes, roles
from concord.governance.examples import failing_examples
from concord.governance.names import Names, read_headings, read_names, read_organisations, read_services
from concord.governance.promise_grammar import read_promises
from concord.terminology import Heading, Label

_GDPR = re.compile(r"(6\(1\)\([a-f]\)|9\(2\)\([a-j]\))\Z")
_CONFIDENCE = ("implied-consent", "explicit-consent", "reasonable-expectation", "overriding-public-interest", "statute")
_SPANNED = {When.DISCHARGED_WITHIN, When.APPOINTMENT_WITHIN, When.SELF_CLAIMED}
_NEEDS_SPAN = {When.DISCHARGED_WITHIN: "14d", When.SELF_CLAIMED: "24h"}
# What a user opens by their own word is for as long as a shift or a weekend on call, and then asked anew.
_LONGEST_BY_OWN_WORD = timedelta(hours=72)
_USUAL_APPOINTMENT_WINDOW = timedelta(days=7)
# Between organisations an objection gives way for safeguarding alone; within one, nothing is shared at all, and
# the organisation says which headings of its own record its staff still see.
_SAFEGUARDING = frozenset({Heading.SAFEGUARDING, Heading.RISKS})


def parse_agreement(text: str, *, filename: str, directory: Directory) -> Agreement:
    """The agreement that `text` says, its examples run. Raises FileRefused at the first thing that is wrong."""
    agreement = read_agreement(text, filename=filename, directory=directory)
    for failing in failing_examples(agreement, directory, filename=filename):
        raise failing
    return agreement


def read_agreement(text: str, *, filename: str, directory: Directory) -> Agreement:
    """The agreement that `text` says, whether or not its examples hold. Raises FileRefused."""
    root = read_entry(text, filename=filename).fields(
        "the agreement",
        required=["agreement", "title", "version", "purpose", "lawful_basis", "in_force", "parties", "clauses"],
        optional=["sets", "processing", "location_protected", "promises", "examples"],
    )
    return _agreement(root, read_names(root, directory))


@lru_cache(maxsize=256)
def named_by(text: str) -> tuple[str, int]:
    """The name and version that a published text gives itself."""
    fields = {key.text("key"): value for key, value in read_entry(text, filename="").pairs("the agreement")}
    return fields["agreement"].slug("agreement"), fields["version"].number("version")


def _agreement(root: Mapping[str, Entry], names: Names) -> Agreement:
    basis = root["lawful_basis"].fields("lawful_basis", required=["gdpr", "confidence"])
    dates = root["in_force"].fields("in_force", required=["from", "review", "until"])
    from_on, review_on, until_on = (dates[name].day(name) for name in ("from", "review", "until"))
    if not from_on <= review_on <= until_on:
        raise root["in_force"].refused("from, review and until must stand in that order of time")
    purpose = root["purpose"].one_of("purpose", purposes())
    agreement = Agreement(
        agreement=root["agreement"].slug("agreement"),
        title=root["title"].text("title"),
        version=root["version"].number("version"),
        purpose=purpose,
        lawful_basis=tuple(_gdpr(entry) for entry in basis["gdpr"].entries("gdpr")),
        confidence=tuple(basis["confidence"].each_of("basis of confidence", _CONFIDENCE)),
        from_on=from_on,
        review_on=review_on,
        until_on=until_on,
        parties=names.parties,
        clauses=_clauses(root["clauses"], names, shows_records=purposes()[purpose].shows_records),
        locating_roles=_locating_roles(root),
        promises=read_promises(root["promises"], names) if "promises" in root else (),
        examples=tuple(
            _example(entry, names) for entry in (root["examples"].entries("examples") if "examples" in root else [])
        ),
        processing=_processing(root["processing"]) if "processing" in root else None,
    )
    _refuse_idle_parties(root["parties"], agreement)
    return agreement


def _gdpr(entry: Entry) -> str:
    value = entry.text("article")
    if not _GDPR.match(value):
        raise entry.refused(f'"{value}" is not a condition of UK GDPR article 6(1) or 9(2), such as 6(1)(e)')
    return value


def _processing(entry: Entry) -> Processing:
    told = entry.fields("processing", required=Processing.__slots__)
    return Processing(**{name: told[name].text(name) for name in Processing.__slots__})


def _locating_roles(root: Mapping[str, Entry]) -> frozenset[str]:
    if "location_protected" not in root:
        return frozenset()
    fields = root["location_protected"].fields("location_protected", required=["roles"])
    return frozenset(fields["roles"].each_of("role", roles()))


def _refuse_idle_parties(entry: Entry, agreement: Agreement) -> None:
    """A party in no clause signs for nothing: a slip of the pen more often than a wish."""
    busy = frozenset[OdsCode]().union(*(clause.contributors | clause.recipients for clause in agreement.clauses))
    for code in sorted(agreement.parties - busy):
        raise entry.refused(f'party "{code}" stands in no clause')


def _clauses(entry: Entry, names: Names, *, shows_records: bool) -> tuple[Clause, ...]:
    clauses: dict[str, Clause] = {}
    for each in entry.entries("clauses"):
        clause = _clause(each, names, shows_records=shows_records)
        if clause.id in clauses:
            raise each.refused(f'clause "{clause.id}" stands twice')
        clauses[clause.id] = clause
    return tuple(clauses.values())


def _clause(entry: Entry, names: Names, *, shows_records: bool) -> Clause:
    fields = entry.fields(
        "a clause" if shows_records else "a clause that counts people",
        required=["id", "from", "shares", "with", *(["when"] if shows_records else [])],
        optional=["allows_labels", *(["consent", "objection", "override"] if shows_records else [])],
    )
    giving = fields["from"].fields("from", required=["organisations"], optional=["services"])
    taking = fields["with"].fields("with", required=["organisations", "roles"], optional=["services"])
    contributors = read_organisations(giving["organisations"], names)
    own = taking["organisations"].is_word("own")
    recipients = contributors if own else read_organisations(taking["organisations"], names)
    headings = read_headings([fields["shares"]], names.sets)
    consent = fields["consent"].fields("consent", optional=["share-out", "share-in"]) if "consent" in fields else {}
    explicit = {key: value.one_of("kind of consent", ("implied", "explicit")) for key, value in consent.items()}
    allowing = frozenset(taking["roles"].each_of("role", roles()))
    allows = _allowed(fields["allows_labels"]) if "allows_labels" in fields else frozenset()
    return Clause(
        id=fields["id"].slug("id"),
        contributors=contributors,
        contributing_services=read_services(giving, contributors, names),
        headings=frozenset(headings),
        own=own,
        recipients=recipients,
        recipient_services=read_services(taking, recipients, names),
        roles=allowing,
        when=_when(fields["when"]) if shows_records else (),
        explicit_out=explicit.get("share-out") == "explicit",
        explicit_in=explicit.get("share-in") == "explicit",
        despite_objection=_despite_objection(fields, headings, names, own=own),
        allows=allows,
        override=_override(fields["override"], allowing, allows) if "override" in fields else None,
    )


def _override(entry: Entry, taking: frozenset[str], allows: frozenset[Label]) -> Override:
    fields = entry.fields("override", required=["roles", "lifts", "for"])
    named = frozenset(fields["roles"].each_of("role", roles()))
    if not named <= taking:
        raise fields["roles"].refused(f'the clause does not share with "{min(named - taking)}" in the first place')
    lifts: set[Lift] = set()
    labels: frozenset[Label] = frozenset()
    for each in fields["lifts"].entries("lifts"):
        if each.is_mapping:
            labels |= _allowed(each.fields("lifts", required=["labels"])["labels"])
        else:
            lifts.add(Lift(each.one_of("condition that can be lifted", list(Lift))))
    if labels & allows:
        raise fields["lifts"].refused(f'the clause opens "{min(labels & allows)}" without an override')
    return Override(roles=named, lifts=frozenset(lifts), labels=labels, span=_own_word(fields["for"], "for"))


def _own_word(entry: Entry, what: str) -> timedelta:
    span = entry.span(what)
    if span > _LONGEST_BY_OWN_WORD:
        raise entry.refused("what a user opens by their own word lasts at most 72h; after that they say why again")
    return span


def _when(entry: Entry) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    for each in entry.entries("when"):
        condition = _condition(each)
        if condition in conditions:
            raise each.refused(f'"{condition}" stands twice')
        conditions.append(condition)
    return tuple(conditions)


def _condition(entry: Entry) -> Condition:
    if not entry.is_mapping:
        word = When(_when_word(entry))
        if word in _NEEDS_SPAN:
            raise entry.refused(f"{word} needs a span, such as {{{word}: {_NEEDS_SPAN[word]}}}")
        return Condition(word=word, span=_USUAL_APPOINTMENT_WINDOW if word in _SPANNED else None)
    pairs = entry.pairs("a relationship with a span")
    if len(pairs) > 1:
        raise pairs[1][0].refused("one relationship an entry")
    key, value = pairs[0]
    word = When(_when_word(key))
    if word not in _SPANNED:
        raise key.refused(f'"{word}" takes no span')
    return Condition(word=word, span=_own_word(value, word) if word is When.SELF_CLAIMED else value.span(word))


def _when_word(entry: Entry) -> str:
    return entry.one_of("relationship", list(When))


def _despite_objection(
    fields: Mapping[str, Entry], shared: tuple[Heading, ...], names: Names, *, own: bool
) -> frozenset[Heading]:
    if "objection" not in fields:
        return frozenset()
    entry = fields["objection"].fields("objection", required=["except"])["except"]
    headings = frozenset(read_headings([entry], names.sets))
    if not headings <= set(shared):
        raise entry.refused("an exception from objection must be among what the clause shares")
    if not own and not headings <= _SAFEGUARDING:
        allowed = " and ".join(sorted(_SAFEGUARDING))
        raise entry.refused(f"between organisations an objection can give way only for {allowed}")
    return headings


def _allowed(entry: Entry) -> frozenset[Label]:
    barred = {label: bar for bar in legal_bars() for label in bar.labels}
    for each in entry.entries("allows_labels", empty=True):
        word = each.one_of("label", list(Label))
        if word in barred:
            raise each.refused(f'"{word}" cannot be opened by an agreement: {barred[Label(word)].statute}')
        if word == Label.UNKNOWN:
            raise each.refused("an agreement cannot open what nobody knows the meaning of")
        if word in (Label.SEALED_FLAGGED, Label.SEALED_LOCKED):
            raise each.refused("an agreement cannot open what a person has sealed")
        if word in (Label.THIRD_PARTY, Label.NOT_FOR_THE_PERSON):
            raise each.refused(f'"{word}" is kept from the person alone, and every clause opens it: leave it out')
    return frozenset(Label(word) for word in entry.each_of("label", list(Label), empty=True))


def _example(entry: Entry, names: Names) -> Example:
    fields = entry.fields("an example", required=["viewer"], optional=["person", "item", "sees", "hides"])
    if ("sees" in fields) == ("hides" in fields):
        raise entry.refused('an example needs either "sees" or "hides"')
    viewer = fields["viewer"].fields("viewer", required=["role", "at"], optional=["service"])
    person = fields["person"].fields("person", optional=_PERSON_KEYS) if "person" in fields else {}
    item = fields["item"].fields("item", optional=["from", "labels"]) if "item" in fields else {}
    at = OdsCode(viewer["at"].one_of("organisation", names.directory.organisations))
    services = [service.service for service in names.directory.organisations[at].services]
    held = person["relationship"].one_or_more("relationship") if "relationship" in person else []
    return Example(
        line=entry.line,
        column=entry.column,
        role=viewer["role"].one_of("role", roles()),
        organisation=at,
        service=viewer["service"].one_of(f"service of {at}", services) if "service" in viewer else None,
        relationships=tuple(_held(each) for each in held),
        discharged=person["discharged"].span("discharged") if "discharged" in person else None,
        objects=person["objects"].yes_or_no("objects") if "objects" in person else False,
        share_out=_answer(person.get("share-out")),
        share_in=_answer(person.get("share-in")),
        overrides=person["overrides"].yes_or_no("overrides") if "overrides" in person else False,
        labels=frozenset(map(Label, item["labels"].each_of("label", list(Label)))) if "labels" in item else frozenset(),
        contributor=OdsCode(item["from"].one_of("party", names.parties)) if "from" in item else None,
        sees="sees" in fields,
        headings=read_headings([fields["sees" if "sees" in fields else "hides"]], names.sets),
    )


_PERSON_KEYS = ("relationship", "discharged", "objects", "share-out", "share-in", "overrides")


def _held(entry: Entry) -> When:
    word = When(_when_word(entry))
    if word is When.DISCHARGED_WITHIN:
        raise entry.refused("say how long ago: {discharged: 15d}")
    return word


def _answer(entry: Entry | None) -> bool | None:
    return None if entry is None else entry.one_of("answer", ("given", "refused")) == "given"
