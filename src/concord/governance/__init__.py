"""Who may see what of a person, and why.

Promises: one decision, pure and quick, from agreements that are files, signatures, legal bars, relationships and the
person's choices; the same decision as openings for the store, as sentences for people, as a list of sources. What
people do with agreements has a door of its own, `agreements`. Unknown means withheld. Refuses: reading anything
clinical; an agreement that it cannot enforce whole; an unwritten right.
"""

from concord.governance.agreement import Agreement, When
from concord.governance.assertions import REASONS, AssertionKind, Offer
from concord.governance.consent import choice_of
from concord.governance.decided import Decided
from concord.governance.decision import Decision, decide
from concord.governance.directory import (
    ORGANISATION_KINDS,
    OWN_ACCESS,
    PATIENT,
    Directory,
    Organisation,
    parse_directory,
    purpose_word,
    purposes,
    roles,
)
from concord.governance.fact_rows import everybody
from concord.governance.gate import Gate, PolicyFiles, published_files
from concord.governance.grammar import parse_agreement
from concord.governance.model import (
    Asker,
    Choice,
    ChoiceKind,
    Duty,
    PersonFacts,
    Relationship,
    RelationshipKind,
    SourceSystem,
    Viewer,
)
from concord.governance.own_choices import OwnChoice, offered_choices, own_choice
from concord.governance.permitted import permit_duty, permit_source, permit_viewer
from concord.governance.policy import ClauseName, Policy
from concord.governance.proxies import proxy_of
from concord.governance.reasons import Notice, Reason, Refusal, Step
from concord.governance.replaying import Remembered, Replayed, Replayer, with_drafts
from concord.governance.rights import (
    may_audit,
    may_draft_agreements,
    may_read_agreements,
    may_review_labels,
    may_review_links,
    may_run_programme,
    may_trace,
)
from concord.governance.sharing import Sharing, Source, sources
from concord.governance.signatories import parse_signatories
from concord.governance.signatures import Intent, Signature
from concord.governance.situations import Held, Situation, as_signed
from concord.governance.statements import (
    StatementRefused,
    read_signature,
    read_statement,
    stated,
)
from concord.governance.writing import may_contribute

__all__ = [
    "ORGANISATION_KINDS",
    "OWN_ACCESS",
    "PATIENT",
    "REASONS",
    "Agreement",
    "Asker",
    "AssertionKind",
    "Choice",
    "ChoiceKind",
    "ClauseName",
    "Decided",
    "Decision",
    "Directory",
    "Duty",
    "Gate",
    "Held",
    "Intent",
    "Notice",
    "Offer",
    "Organisation",
    "OwnChoice",
    "PersonFacts",
    "Policy",
    "PolicyFiles",
    "Reason",
    "Refusal",
    "Relationship",
    "RelationshipKind",
    "Remembered",
    "Replayed",
    "Replayer",
    "Sharing",
    "Signature",
    "Situation",
    "Source",
    "SourceSystem",
    "StatementRefused",
    "Step",
    "Viewer",
    "When",
    "as_signed",
    "choice_of",
    "decide",
    "everybody",
    "may_audit",
    "may_contribute",
    "may_draft_agreements",
    "may_read_agreements",
    "may_review_labels",
    "may_review_links",
    "may_run_programme",
    "may_trace",
    "offered_choices",
    "own_choice",
    "parse_agreement",
    "parse_directory",
    "parse_signatories",
    "permit_duty",
    "permit_source",
    "permit_viewer",
    "proxy_of",
    "published_files",
    "purpose_word",
    "purposes",
    "read_signature",
    "read_statement",
    "roles",
    "sources",
    "stated",
    "with_drafts",
]
