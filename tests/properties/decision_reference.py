"""The reference interpreter: one item at a time, straight from the text of governance.md, with no eye to speed.

It shares the nouns (agreements, facts, labels) with the room and none of its reasoning. The laws hold the two
against each other. All of it is in one file, long as that is, to be read from top to bottom beside the text.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from concord.base import OdsCode
from concord.governance.agreement import Agreement, Clause, Condition, Override
from concord.governance.bars import LegalBar
from concord.governance.directory import Directory, roles
from concord.governance.model import Choice, Death, PersonFacts, Relationship, Viewer
from concord.governance.signatures import Signature
from concord.terminology import Heading, Label

UK = ZoneInfo("Europe/London")
LOCATING = (Heading.GP_PRACTICE, Heading.FUTURE_APPOINTMENTS)
# For every other purpose that is known people are counted.
OPENS_RECORDS = ("direct-care", "safeguarding", "own-access")
ORDER = ["unsigned", "not-in-force", "relationship", "labels", "consent"]


@dataclass(frozen=True, kw_only=True)
class Item:
    organisation: OdsCode
    service: str | None
    heading: Heading
    labels: frozenset[Label]


@dataclass(frozen=True, kw_only=True)
class Rules:
    agreements: Sequence[Agreement]
    signatures: Sequence[Signature]
    directory: Directory
    bars: Sequence[LegalBar]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`by`: the id of the bar, the word of the choice, or agreement/clause."""

    step: str
    by: str | None = None


def judge(item: Item, viewer: Viewer, person: PersonFacts, rules: Rules, now: datetime) -> Verdict:
    """What no clause opens by itself may open by an override in force."""
    viewer, person = since_succeeded(viewer, person, rules, now)
    if viewer.nhs_number is not None and viewer.nhs_number in person.nhs_numbers:
        return judge_own(item, viewer, person, rules)
    as_whom = acts_as(viewer, person, rules, now)
    if as_whom is not None:
        return judge_proxy(item, as_whom, person, rules, now)
    whole = _judge(item, viewer, person, rules, now, overriding=False)
    if whole.step == "shown":
        return whole
    broken = _judge(item, viewer, person, rules, now, overriding=True)
    return Verdict(step="override", by=broken.by) if broken.step == "shown" else broken


@dataclass(frozen=True, kw_only=True)
class Seat:
    """As which organisation a viewer is given something: their own, or one in whose place it stands. `data`: whose data
    are its own."""

    organisation: OdsCode
    data: list[OdsCode]
    own: bool


def seats(viewer: Viewer, directory: Directory, now: datetime) -> list[Seat]:
    """`viewer` works for whoever stands in the place of others now; their own seat is first."""
    before = sorted(code for code in directory.successions if viewer.organisation in after(code, directory, now)[1:])
    return [
        Seat(
            organisation=code,
            data=[code, *sorted(each for each in before if code in after(each, directory, now)[1:])],
            own=code == viewer.organisation,
        )
        for code in [viewer.organisation, *before]
    ]


def after(code: OdsCode, directory: Directory, now: datetime) -> list[OdsCode]:
    """The organisation, and one by one whoever has come in its place by today."""
    succession = directory.successions.get(code)
    if succession is None or succession.from_on > now.astimezone(UK).date():
        return [code]
    return [code, *after(succession.successor, directory, now)]


def since_succeeded(viewer: Viewer, person: PersonFacts, rules: Rules, now: datetime) -> tuple[Viewer, PersonFacts]:
    """Whoever works for an organisation that was succeeded works for its successor, glass that they broke included; and
    what was refused to it, or of its data, is refused to the successor, and of the successor's."""
    directory = rules.directory
    viewer = replace(viewer, organisation=after(viewer.organisation, directory, now)[-1])
    choices = [each for each in person.choices if each.given]
    for each in person.choices:
        named = [None] if each.organisation is None else after(each.organisation, directory, now)
        by = [None] if each.contributor is None else after(each.contributor, directory, now)
        if not each.given:
            choices += [replace(each, organisation=to, contributor=of) for to in named for of in by]
    overrides = [replace(each, organisation=after(each.organisation, directory, now)[-1]) for each in person.overrides]
    return viewer, replace(person, choices=choices, overrides=overrides)


OWN_LABELS = frozenset(Label) - {
    Label.UNKNOWN,
    Label.RESTRICTED,
    Label.DOMESTIC_ABUSE,
    Label.CHILD_PROTECTION,
    Label.ADOPTION,
    Label.SEALED_LOCKED,
    Label.THIRD_PARTY,
    Label.NOT_FOR_THE_PERSON,
}


def judge_own(item: Item, viewer: Viewer, person: PersonFacts, rules: Rules) -> Verdict:
    """A user's own record: shut at work, and in doubt; by right of access all of it that is theirs alone to know."""
    if viewer.purpose != "own-access" or len(person.nhs_numbers) > 1 or person.number_shared or person.death:
        return Verdict(step="own-record")
    for bar in rules.bars:
        if bar.labels & item.labels:
            return Verdict(step="bar", by=bar.bar)
    if item.heading in LOCATING and person.protected:
        return Verdict(step="location")
    if item.heading in (Heading.SAFEGUARDING, Heading.UNCLASSIFIED) or not item.labels <= OWN_LABELS:
        return Verdict(step="own-record")
    return Verdict(step="own-access")


# What each kind of proxy may see, straight from the table: by age, whether the person must agree, and which labels.
HEALTH = {Label.MENTAL_HEALTH, Label.HIV, Label.GENETIC}
PROXIES = {
    "health-and-welfare-attorney": [(18, 999, False, HEALTH | {Label.SUBSTANCE_MISUSE})],
    "parental-responsibility": [(0, 11, False, HEALTH), (11, 16, True, set[Label]())],
    "named-by-the-person": [(16, 999, True, set[Label]())],
}
NEVER_FOR_A_PARENT = {
    Heading.PROFESSIONAL_CONTACTS, Heading.SOCIAL_CONTEXT, Heading.SERVICES_AND_CARE, Heading.FAMILY_HISTORY,
    Heading.LEGAL_INFORMATION, Heading.RISKS, Heading.ASSESSMENTS, Heading.FORMULATION, Heading.PRIMARY_SUPPORT_REASON,
}  # fmt: skip


def judge_proxy(item: Item, kind: str, person: PersonFacts, rules: Rules, now: datetime) -> Verdict:
    for bar in rules.bars:
        if bar.labels & item.labels:
            return Verdict(step="bar", by=bar.bar)
    never = {Heading.SAFEGUARDING, Heading.PERSONAL_CONTACTS, Heading.UNCLASSIFIED}
    if kind == "parental-responsibility":
        never |= NEVER_FOR_A_PARENT
    rows = [of_age(kind, born, now) for born in births(person)]
    fits = item.labels <= OWN_LABELS and all(row is not None and item.labels <= row[3] for row in rows)
    return Verdict(step="proxy-access" if fits and item.heading not in never else "not-for-proxies")


def chooses(viewer: Viewer, person: PersonFacts, rules: Rules, now: datetime) -> bool:
    """Whether the viewer may choose about the sharing of the record: the person, an attorney, and a parent whose child
    is not yet of the age from which the child must agree, whichever day the child may have been born."""
    if viewer.nhs_number is not None and viewer.nhs_number in person.nhs_numbers:
        sure = person.nhs_numbers == {viewer.nhs_number} and not person.number_shared
        return viewer.purpose == "own-access" and sure and person.death is None
    as_whom = acts_as(viewer, person, rules, now)
    rows = [of_age(as_whom, born, now) for born in births(person)] if as_whom else []
    if as_whom == "parental-responsibility":
        return all(row is not None and row[1] == 11 for row in rows)
    return as_whom == "health-and-welfare-attorney"


def acts_as(viewer: Viewer, person: PersonFacts, rules: Rules, now: datetime) -> str | None:
    """As whom the viewer acts for the person, the widest first."""
    no = [each for each in person.choices if each.kind in ("proxy-access", "unknown") and not each.given]
    if any(in_effect(each.start_at, each.end_at, now) for each in no) or viewer.purpose != "own-access":
        return None
    if person.protected or person.death or person.number_shared or len(person.nhs_numbers) > 1 or not births(person):
        return None
    for kind in PROXIES:
        said_by = ("gp-practice", "council") if kind == "parental-responsibility" else ("gp-practice",)

        def heard(contributor: OdsCode | None, said_by: tuple[str, ...] = said_by) -> bool:
            known = rules.directory.organisations.get(contributor or OdsCode(""))
            return known is not None and known.kind in said_by

        said = [each for each in person.proxies if (each.nhs_number, each.kind) == (viewer.nhs_number, kind)]
        holds_now = [each for each in said if heard(each.contributor) and in_effect(each.start_at, each.end_at, now)]
        if kind == "health-and-welfare-attorney":
            holds_now = [each for each in holds_now if each.start_at is not None]
        if not holds_now or not all(each.given for each in said):
            continue
        yes = any(
            each.kind == "proxy-access" and each.given and heard(each.contributor)
            and in_effect(each.start_at, each.end_at, now)
            for each in person.choices
        )  # fmt: skip
        rows = [of_age(kind, born, now) for born in births(person)]
        if all(row is not None and (yes or not row[2]) for row in rows):
            return kind
    return None


def of_age(kind: str, born: tuple[int, int, int], now: datetime) -> tuple[int, int, bool, set[Label]] | None:
    today = now.astimezone(UK).date()
    age = today.year - born[0] - ((today.month, today.day) < born[1:])
    return next((row for row in PROXIES[kind] if row[0] <= age < row[1]), None)


def births(person: PersonFacts) -> list[tuple[int, int, int]]:
    """Every day on which the person may have been born, the first and the last where only a month or year is known."""
    found = []
    for text in person.born_on:
        match text.split("-"):
            case [year, month, day]:
                found.append((int(year), int(month), int(day)))
            case [year, month]:
                found += [(int(year), int(month), 1), (int(year), int(month), monthrange(int(year), int(month))[1])]
            case [year] if year.isdigit():
                found += [(int(year), 1, 1), (int(year), 12, 31)]
    return found


def lifted(clause: Clause, viewer: Viewer, person: PersonFacts, now: datetime) -> Override | None:
    """What an override in force lifts of this clause for this viewer; None: nothing."""
    if clause.override is None or viewer.role not in clause.override.roles or not viewer.with_overrides:
        return None
    mine = [
        each
        for each in person.overrides
        if (each.user, each.organisation, each.role) == (viewer.user, viewer.organisation, viewer.role)
    ]
    lasts = any(each.start_at <= now < each.end_at and now - each.start_at < clause.override.span for each in mine)
    return clause.override if lasts else None


def _judge(
    item: Item, viewer: Viewer, person: PersonFacts, rules: Rules, now: datetime, *, overriding: bool
) -> Verdict:
    for bar in rules.bars:
        if bar.labels & item.labels:
            return Verdict(step="bar", by=bar.bar)
    if item.heading in LOCATING and person.protected and not may_locate(viewer, rules, now):
        return Verdict(step="location")
    covering = sorted(
        (
            (clause.id, agreement.agreement, number, agreement, clause, seat)
            for agreement in rules.agreements
            for clause in agreement.clauses
            for number, seat in enumerate(seats(viewer, rules.directory, now))
            if covers(agreement, clause, item, viewer, seat, rules.directory)
        ),
        key=lambda entry: entry[:3],
    )
    choices = [choice for choice in person.choices if in_effect(choice.start_at, choice.end_at, now)]
    tried = []
    for id_, of, _, agreement, clause, seat in covering:
        override = lifted(clause, viewer, person, now) if overriding else None
        against = withheld_by_choice(item, viewer, seat, choices, clause, override)
        unmet = first_unmet(agreement, clause, item, viewer, seat, person, choices, rules, now, override)
        tried.append((f"{of}/{id_}", against, unmet))
    for name, against, unmet in tried:
        if against is None and unmet is None:
            return Verdict(step="shown", by=name)
    first_seat = seats(viewer, rules.directory, now)[0]
    choice = withheld_by_choice(item, viewer, first_seat, choices, None) if not covering else None
    for word in [*(against for _, against, _ in tried), choice]:
        if word is not None:
            return Verdict(step="choice", by=word)
    if not covering:
        return Verdict(step="no-agreement")
    furthest = max(ORDER.index(unmet) for _, _, unmet in tried if unmet is not None)
    for name, _, unmet in tried:
        if unmet == ORDER[furthest]:
            return Verdict(step=ORDER[furthest], by=name)
    raise AssertionError("unreachable")


def may_locate(viewer: Viewer, rules: Rules, now: datetime) -> bool:
    """Each agreement that has a clause for the viewer names the role."""
    mine = [
        agreement
        for agreement in rules.agreements
        if agreement.purpose == viewer.purpose
        and viewer.organisation in rules.directory.organisations
        and viewer.role in roles()
        and viewer.purpose in OPENS_RECORDS
        and any(
            any(seat.organisation in clause.recipients for seat in seats(viewer, rules.directory, now))
            and viewer.role in clause.roles
            and (clause.recipient_services is None or viewer.service in clause.recipient_services)
            for clause in agreement.clauses
        )
    ]
    return bool(mine) and all(viewer.role in agreement.locating_roles for agreement in mine)


def told(
    viewer: Viewer, person: PersonFacts, rules: Rules, now: datetime, *, flagged_seal: bool
) -> tuple[str | None, bool]:
    """What may be told without looking at what is held: the step of a refusal of the whole record (None: it opens),
    and whether the page says that something is withheld."""
    viewer, person = since_succeeded(viewer, person, rules, now)
    if viewer.nhs_number is not None and viewer.nhs_number in person.nhs_numbers:
        sure = len(person.nhs_numbers) == 1 and not person.number_shared
        by_right = viewer.purpose == "own-access" and sure and person.death is None
        return None if by_right else "own-record", False
    if acts_as(viewer, person, rules, now) is not None:
        return None, False
    flows = [
        (agreement, clause, contributor, seat)
        for agreement in rules.agreements
        for clause in agreement.clauses
        for seat in seats(viewer, rules.directory, now)
        for contributor in gives(clause, seat)
        if is_for(agreement, clause, viewer, seat, rules.directory)
    ]
    signed = [
        flow
        for flow in flows
        if all(has_signed(flow[0], party, rules, now) for party in signs(flow[1], flow[2], flow[3]))
    ]
    live = [flow for flow in signed if flow[0].from_on <= now.astimezone(UK).date() <= flow[0].until_on]
    lifts = {
        id(clause): override.lifts if (override := lifted(clause, viewer, person, now)) else frozenset[str]()
        for _, clause, _, _ in live
    }
    related = [
        (clause, contributor, seat)
        for _, clause, contributor, seat in live
        if "relationship" in lifts[id(clause)]
        or any(
            holds(condition, each, now)
            for condition in clause.when
            for each in person.relationships
            if held(each, viewer, seat) and goes_on(each, person.death, now)
        )
    ]
    choices = [each for each in person.choices if in_effect(each.start_at, each.end_at, now)]
    tellable = [each for each in choices if not each.given and not each.silent]

    def left(clause: Clause, contributor: OdsCode, seat: Seat) -> frozenset[Heading]:
        """The headings that the choices that may be told leave open."""
        headings = clause.headings - {Heading.UNCLASSIFIED}
        for choice in tellable:
            if choice.kind == "share-out" and choice.contributor == contributor != seat.organisation:
                return frozenset()
            if choice.kind == "objection" and (choice.firm or "objection" not in lifts[id(clause)]):
                headings &= clause.despite_objection
        return headings

    if not any(left(*each) for each in related):
        steps = [("choice", related), ("relationship", live), ("not-in-force", signed), ("unsigned", flows)]
        return next((step for step, some in steps if some), "no-agreement"), False
    sealed = flagged_seal and any("flagged-seals" not in lifts[id(clause)] for clause, _, _ in related)
    return None, sealed or any(left(*each) != each[0].headings - {Heading.UNCLASSIFIED} for each in related)


def is_for(agreement: Agreement, clause: Clause, viewer: Viewer, seat: Seat, directory: Directory) -> bool:
    """Whether the clause lets data flow to such a viewer in this seat."""
    return (
        viewer.organisation in directory.organisations
        and viewer.role in roles()
        and viewer.purpose in OPENS_RECORDS
        and agreement.purpose == viewer.purpose
        and seat.organisation in clause.recipients
        and (clause.recipient_services is None or viewer.service in clause.recipient_services)
        and viewer.role in clause.roles
    )


def gives(clause: Clause, seat: Seat) -> list[OdsCode]:
    """Whose data the clause lets flow into the seat."""
    return seat.data if clause.own else sorted(clause.contributors)


def signs(clause: Clause, contributor: OdsCode, seat: Seat) -> list[OdsCode]:
    """Who must have signed for that; for what is its own, the organisation alone."""
    return [seat.organisation] if clause.own else [contributor, seat.organisation]


def has_signed(agreement: Agreement, party: OdsCode, rules: Rules, now: datetime) -> bool:
    """By the last of the party's statements that act by today."""
    said = [
        each
        for each in rules.signatures
        if (each.agreement, each.version, each.party) == (agreement.agreement, agreement.version, party)
        and each.from_on <= now.astimezone(UK).date()
    ]
    return bool(said) and max(said, key=lambda each: each.number).intent == "sign"


def covers(agreement: Agreement, clause: Clause, item: Item, viewer: Viewer, seat: Seat, directory: Directory) -> bool:
    """Contributor and its service, heading, recipient organisation and service, role, purpose: all known ones."""
    return (
        is_for(agreement, clause, viewer, seat, directory)
        and item.organisation in gives(clause, seat)
        and (clause.contributing_services is None or item.service in clause.contributing_services)
        and item.heading in clause.headings
        and item.heading != Heading.UNCLASSIFIED
    )


def first_unmet(
    agreement: Agreement,
    clause: Clause,
    item: Item,
    viewer: Viewer,
    seat: Seat,
    person: PersonFacts,
    choices: Sequence[Choice],
    rules: Rules,
    now: datetime,
    override: Override | None,
) -> str | None:
    lifts = override.lifts if override else frozenset()
    today = now.astimezone(UK).date()
    if not all(has_signed(agreement, party, rules, now) for party in signs(clause, item.organisation, seat)):
        return "unsigned"
    if not agreement.from_on <= today <= agreement.until_on:
        return "not-in-force"
    mine = [each for each in person.relationships if held(each, viewer, seat) and goes_on(each, person.death, now)]
    related = any(holds(condition, each, now) for condition in clause.when for each in mine)
    if not related and "relationship" not in lifts:
        return "relationship"
    fitting = clause.allows | (override.labels if override else frozenset())
    fitting -= {Label.UNKNOWN, Label.SEALED_FLAGGED, Label.SEALED_LOCKED}
    fitting |= {Label.SEALED_FLAGGED} if "flagged-seals" in lifts else set()
    fitting |= {Label.THIRD_PARTY, Label.NOT_FOR_THE_PERSON}  # kept from the person, and from nobody at work
    if not item.labels <= fitting:
        return "labels"
    if "consent" in lifts:
        return None
    out = [choice.given for choice in choices if choice.kind == "share-out" and choice.contributor == item.organisation]
    if clause.explicit_out and (True not in out or False in out):
        return "consent"
    given = any(c.given and c.organisation == viewer.organisation for c in choices if c.kind == "share-in")
    refused = any(
        not c.given and c.organisation in (None, viewer.organisation) for c in choices if c.kind == "share-in"
    )
    return "consent" if clause.explicit_in and (refused or not given) else None


def held(relationship: Relationship, viewer: Viewer, seat: Seat) -> bool:
    """One that names a user and no organisation is held in the viewer's own seat alone."""
    if relationship.organisation is None and (relationship.user is None or not seat.own):
        return False
    if relationship.team is not None and relationship.team not in viewer.teams:
        return False
    wanted = [relationship.service, relationship.user]
    found = [viewer.service, viewer.staff_id]
    fits = all(mine is None or mine == theirs for mine, theirs in zip(wanted, found, strict=True))
    return fits and (relationship.organisation is None or relationship.organisation in seat.data)


# After the death, in days.
LASTS = {"registered": 90, "nominated-pharmacy": 14, "referred": 0, "appointment": 0, "self-claimed": 0}


def goes_on(relationship: Relationship, death: Death | None, now: datetime) -> bool:
    """Whether a relationship outlasts a death: for its days, or begun since by arriving in a hospital alive."""
    days = timedelta(days=LASTS.get(relationship.kind, 28))
    if death is None or death.at is None:
        return death is None or bool(days)
    arrived = relationship.kind in ("attending", "inpatient") and relationship.start_at is not None
    if arrived and relationship.start_at is not None and relationship.start_at > death.at:
        return True
    return now < death.at + days


def holds(condition: Condition, relationship: Relationship, now: datetime) -> bool:
    start, end = relationship.start_at, relationship.end_at
    if start is not None and end is not None and end < start:
        return False
    span = condition.span or timedelta()
    if condition.word == "discharged-within":
        return relationship.kind in ("attending", "inpatient") and end is not None and timedelta() <= now - end < span
    if condition.word == "self-claimed":
        claimed = relationship.kind == "self-claimed" and start is not None and start <= now
        return claimed and start is not None and now - start < span and (end is None or now < end)
    if condition.word == "appointment-within":
        if relationship.kind != "appointment" or start is None:
            return False
        return start - now <= span and now - (end or start) < span
    return relationship.kind.value == condition.word.value and in_effect(start, end, now)


def withheld_by_choice(
    item: Item,
    viewer: Viewer,
    seat: Seat,
    choices: Sequence[Choice],
    clause: Clause | None,
    override: Override | None = None,
) -> str | None:
    """The choice that closes the item under this clause; None for the clause: under none in particular."""
    lifts = override.lifts if override else frozenset()
    if Label.SEALED_LOCKED in item.labels:
        return Label.SEALED_LOCKED.value
    if Label.SEALED_FLAGGED in item.labels and "flagged-seals" not in lifts:
        return Label.SEALED_FLAGGED.value
    here = (None, viewer.organisation)
    refused = [choice for choice in choices if not choice.given]
    if any(choice.kind == "organisation-prohibited" and choice.organisation in here for choice in refused):
        return "organisation-prohibited"
    if item.organisation != seat.organisation:
        if any(choice.kind == "share-in" and choice.organisation in here for choice in refused):
            return "share-in"
        if any(choice.kind == "share-out" and choice.contributor == item.organisation for choice in refused):
            return "share-out"
    if clause is not None and item.heading in clause.despite_objection:
        return None
    if any(choice.kind == "objection" and (choice.firm or "objection" not in lifts) for choice in refused):
        return "objection"
    return "unknown" if any(choice.kind == "unknown" for choice in choices) else None


def in_effect(start: datetime | None, end: datetime | None, now: datetime) -> bool:
    return (start is None or start <= now) and (end is None or now < end)
