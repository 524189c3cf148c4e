"""Who may see what of a person, and why.

Promises: one decision, pure and quick, from agreements that are files, signatures, legal bars, relationships and the
person's choices; the same decision as openings for the store, as sentences for people, as a list of sources; and of
whole agreements what they open, change and promise, proved by enumeration. Unknown means withheld. Refuses: reading
anything clinical; an agreement that it cannot enforce whole; a promise that is broken; an unwritten right.
"""

from concord.governance.agreement import Agreement, When
from concord.governance.asking import Question, explanation
from concord.governance.assertions import REASONS, AssertionKind, Offer
from concord.governance.comparison import Comparison, compare
from concord.governance.consent import choice_of
from concord.governance.counting import Census, Counted
from concord.governance.decision import Decision, Notice, Reason, Refusal, Step, decide
from concord.governance.desk import AgreementDesk, Draft
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
from concord.governance.documents import Documents, documents_of
from concord.governance.drafting import Trial
from concord.governance.fact_rows import everybody
from concord.governance.gate import (
    Decided,
    Gate,
    PolicyFiles,
    published_files,
    read_policy,
)
from concord.governance.grammar import parse_agreement
from concord.governance.model import (
    Asker,
    Choice,
    Duty,
    PersonFacts,
    Relationship,
    RelationshipKind,
    SourceSystem,
    Viewer,
)
from concord.governance.pages import Page, Section, Table
from concord.governance.permitted import permit_duty, permit_source, permit_viewer
from concord.governance.policy import ClauseName, Policy
from concord.governance.proof import Broken, prove, refuse_broken_promises
from concord.governance.reach import ItemClass
from concord.governance.reading_out import agreement_page, comparison_page, promises_page
from concord.governance.replaying import Remembered, Replayed, Replayer, with_drafts
from concord.governance.rights import (
    may_audit,
    may_draft_agreements,
    may_read_agreements,
    may_review_links,
    may_run_programme,
    may_trace,
)
from concord.governance.sensitivity import label_rules, labels_of_resource
from concord.governance.sharing import Sharing, Source, sources
from concord.governance.signatories import parse_signatories
from concord.governance.signatures import Intent, Signature
from concord.governance.signing import Signing
from concord.governance.signing_keys import SigningKey
from concord.governance.situations import Held, Situation, as_signed
from concord.governance.small_numbers import SMALL_NUMBERS, disclosed
from concord.governance.standing import Signed
from concord.governance.statements import (
    StatementRefused,
    read_signature,
    read_statement,
    stated,
)

__all__ = [
    "ORGANISATION_KINDS",
    "OWN_ACCESS",
    "PATIENT",
    "REASONS",
    "SMALL_NUMBERS",
    "Agreement",
    "AgreementDesk",
    "Asker",
    "AssertionKind",
    "Broken",
    "Census",
    "Choice",
    "ClauseName",
    "Comparison",
    "Counted",
    "Decided",
    "Decision",
    "Directory",
    "Documents",
    "Draft",
    "Duty",
    "Gate",
    "Held",
    "Intent",
    "ItemClass",
    "Notice",
    "Offer",
    "Organisation",
    "Page",
    "PersonFacts",
    "Policy",
    "PolicyFiles",
    "Question",
    "Reason",
    "Refusal",
    "Relationship",
    "RelationshipKind",
    "Remembered",
    "Replayed",
    "Replayer",
    "Section",
    "Sharing",
    "Signature",
    "Signed",
    "Signing",
    "SigningKey",
    "Situation",
    "Source",
    "SourceSystem",
    "StatementRefused",
    "Step",
    "Table",
    "Trial",
    "Viewer",
    "When",
    "agreement_page",
    "as_signed",
    "choice_of",
    "compare",
    "comparison_page",
    "decide",
    "disclosed",
    "documents_of",
    "everybody",
    "explanation",
    "label_rules",
    "labels_of_resource",
    "may_audit",
    "may_draft_agreements",
    "may_read_agreements",
    "may_review_links",
    "may_run_programme",
    "may_trace",
    "parse_agreement",
    "parse_directory",
    "parse_signatories",
    "permit_duty",
    "permit_source",
    "permit_viewer",
    "promises_page",
    "prove",
    "published_files",
    "purpose_word",
    "purposes",
    "read_policy",
    "read_signature",
    "read_statement",
    "refuse_broken_promises",
    "roles",
    "sources",
    "stated",
    "with_drafts",
]
