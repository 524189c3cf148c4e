"""Promises and clauses as sentences, generated from what is enforced; the author's own words stand beside them."""

from collections.abc import Iterable

from concord.base import OdsCode
from concord.governance import wording
from concord.governance.agreement import Clause, Example, Outside, Promise, Unless, When, spell_span
from concord.governance.agreements.classes import Related, Services
from concord.governance.agreements.reach import Contributors, ItemClass
from concord.governance.agreements.reach_words import service_words, while_words, whose
from concord.governance.directory import Directory, roles
from concord.governance.model import Viewer
from concord.governance.policy import ClauseName
from concord.governance.situations import Situation
from concord.governance.words import lifted_words, listed, places, words
from concord.terminology import labels_of

PROCESSING = {
    "why": "Why",
    "people": "Whose data",
    "controllers": "Controllers",
    "contact": "Contact",
    "retention": "Kept for",
    "security": "Kept safe by",
    "transfers": "Transfers abroad",
}
"""What is said of the processing, and under which name it is read out."""
_UNLESS = {
    Unless.OVERRIDE: "the record is broken open in an emergency",
    Unless.SHARE_OUT: "the person's consent to share out is recorded",
    Unless.SHARE_IN: "the person's consent to share in is recorded",
}
_OUTSIDE = {
    None: "",
    Outside.SERVICE: " outside the service that contributed it",
    Outside.ORGANISATION: " outside the organisation that contributed it",
}


def promise_words(promise: Promise, directory: Directory) -> str:
    """`No receptionist ever sees anything labelled mental health.`"""
    known = words(lay=False)
    at = f" at {places(promise.at, directory)}" if promise.at is not None else ""
    what = known.of_headings(promise.headings, "or") if promise.headings is not None else "anything"
    of = f" of {places(promise.contributors, directory)}" if promise.contributors is not None else ""
    labelled = f" labelled {known.of_labels(promise.labels)}" if promise.labels is not None else ""
    people = ["objects to the shared record"] if promise.objects else []
    people += ["is protected from being found"] if promise.protected else []
    person = f", about a person who {listed(people)}" if people else ""
    lifted = listed([_UNLESS[each] for each in Unless if each in promise.unless], "or")
    unless = f", unless {lifted}" if lifted else ""
    return f"{_nobody(promise)}{at}{_OUTSIDE[promise.outside]} ever sees {what}{of}{labelled}{person}{unless}."


def _nobody(promise: Promise) -> str:
    if promise.but_roles is not None:
        but = [wording.role_with_article(role) for role in roles() if role in promise.but_roles]
        return f"Nobody but {listed(but, 'or')}"
    named = promise.roles or frozenset()
    return f"No {listed([roles()[role].title for role in roles() if role in named], 'or')}" if named else "Nobody"


def counterexample(
    viewer: Viewer,
    item: ItemClass,
    situation: Situation,
    held: Related | None,
    clause: ClauseName,
    directory: Directory,
) -> str:
    """One case in which somebody sees what a promise says nobody sees, and the clause that opens it."""
    known = words(lay=False)
    labels = labels_of(item.labels)
    labelled = f" labelled {known.of_labels(labels, 'and')}" if labels else ""
    who = wording.role_with_article(viewer.role)
    at = f"{directory.name(viewer.organisation)}{_service(viewer.service, viewer.organisation, directory)}"
    person = f"the person {while_words([held]) if held else 'is in no relationship with them'}"
    person += " and objects to the shared record" if situation.objects else ""
    person += " and is protected from being found" if situation.protected else ""
    person += ", after breaking the glass" if situation.overrides else ""
    of = f"{directory.name(item.contributor)}{_service(item.service, item.contributor, directory)}"
    what = f"{known.of_headings([item.heading])}{labelled}"
    return f"{who[0].upper()}{who[1:]} at {at} would see {what} of {of} while {person}. {clause}"


def example_words(example: Example, directory: Directory) -> str:
    """`A hospital pharmacist at Northfield General sees medications of GP while the person is in hospital there.`"""
    known = words(lay=False)
    who = wording.role_with_article(example.role)
    at = f"{directory.name(example.organisation)}{_service(example.service, example.organisation, directory)}"
    verb, joined_by = ("sees", "and") if example.sees else ("does not see", "or")
    labelled = f" labelled {known.of_labels(example.labels, 'and')}" if example.labels else ""
    of = f" of {directory.name(example.contributor)}" if example.contributor else ""
    related = [
        while_words([Related(word=word)]) for word in example.relationships if word is not When.DISCHARGED_WITHIN
    ]
    if example.discharged is not None:
        related.append(f"was discharged from there {spell_span(example.discharged)} ago")
    person = f"the person {listed(related) or 'is in no relationship with them'}{_of_the_person(example)}"
    what = known.of_headings(example.headings, joined_by)
    return f"{who[0].upper()}{who[1:]} at {at} {verb} {what}{labelled}{of} while {person}."


def _of_the_person(example: Example) -> str:
    told = " and objects to the shared record" if example.objects else ""
    for given, what in ((example.share_out, "out"), (example.share_in, "in")):
        if given is not None:
            told += f" and has {'agreed' if given else 'refused'} to share {what}"
    return told + (", after breaking the glass" if example.overrides else "")


def _service(service: str | None, of: OdsCode, directory: Directory) -> str:
    return "" if service is None else service_words(Services(names=frozenset({service}), other=False), [of], directory)


def clause_words(clause: Clause, directory: Directory) -> str:
    """A clause in two or three sentences."""
    known = words(lay=False)
    services = _services(clause.contributing_services)
    contributors = Contributors(own=clause.own, others=frozenset() if clause.own else clause.contributors)
    roles_ = known.of_roles(clause.roles)
    theirs = service_words(_services(clause.recipient_services), clause.recipients, directory)
    who = f"{places(clause.recipients, directory)}{theirs}"
    of = whose(contributors, services, directory, viewing=clause.recipients)
    related = while_words(Related(word=each.word, until=each.span) for each in clause.when)
    what = known.of_headings(clause.headings)
    if not clause.when:
        seen = f"{roles_[0].upper()}{roles_[1:]} at {who} count people by {what} of {of}, and see nobody's record."
        return " ".join((seen, _labels(clause)))
    flow = f"{roles_[0].upper()}{roles_[1:]} at {who} see {what} of {of}, while the person {related}."
    return " ".join(
        part for part in (flow, _labels(clause), _consent(clause), _objection(clause), _override(clause)) if part
    )


def _services(names: Iterable[str] | None) -> Services:
    return Services() if names is None else Services(names=frozenset(names), other=False)


def _labels(clause: Clause) -> str:
    if not clause.allows:
        return "Nothing that carries a label."
    return f"Also items labelled {words(lay=False).of_labels(clause.allows)}, and no other label."


def _consent(clause: Clause) -> str:
    asked = ["to share out"] if clause.explicit_out else []
    asked += ["to share in"] if clause.explicit_in else []
    return f"Only where the person's consent {listed(asked)} is recorded as given." if asked else ""


def _override(clause: Clause) -> str:
    if clause.override is None:
        return ""
    who, span = words(lay=False).of_roles(clause.override.roles), spell_span(clause.override.span)
    return f"{who[0].upper()}{who[1:]} may break the glass for {span}: {lifted_words(clause.override)}."


def _objection(clause: Clause) -> str:
    if not clause.despite_objection:
        return "An objection to the shared record closes it."
    if clause.despite_objection == clause.headings:
        return "An objection to the shared record does not close it."
    kept = words(lay=False).of_headings(clause.despite_objection)
    return f"An objection to the shared record closes it, but for {kept}."
