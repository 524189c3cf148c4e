"""What people do with agreements: explain, compare, prove, sign, publish and read them.

Promises: whatever is said of an agreement comes from the decision itself, asked once for each class of viewers and
items, so that it is proved and not guessed; words for those who answer for it and lay words for the person; nothing in
force that its parties have not signed. Refuses: publishing what breaks a promise; telling small numbers of people.
"""

from concord.governance.agreements.asking import Question, explanation
from concord.governance.agreements.comparison import Comparison, compare
from concord.governance.agreements.counting import Census, Counted
from concord.governance.agreements.desk import AgreementDesk, Draft
from concord.governance.agreements.documents import Documents, documents_of
from concord.governance.agreements.drafting import Trial
from concord.governance.agreements.headcount import Described, Headcount, counting_purposes
from concord.governance.agreements.lay import (
    Seeing,
    WhoSeesWhat,
    who_sees_the_item,
    who_sees_the_kind,
    who_sees_what,
)
from concord.governance.agreements.pages import Page, Section, Table
from concord.governance.agreements.proof import Broken, prove, refuse_broken_promises
from concord.governance.agreements.publishing import read_policy
from concord.governance.agreements.reach import About, ItemClass, Reach, reaches_about
from concord.governance.agreements.reading_out import agreement_page, comparison_page, promises_page
from concord.governance.agreements.signing import Signing
from concord.governance.agreements.signing_keys import SigningKey, statement_verifier
from concord.governance.agreements.small_numbers import LARGEST_SMALL, SMALL_NUMBERS, disclosed
from concord.governance.agreements.standing import Signed

__all__ = [
    "LARGEST_SMALL",
    "SMALL_NUMBERS",
    "About",
    "AgreementDesk",
    "Broken",
    "Census",
    "Comparison",
    "Counted",
    "Described",
    "Documents",
    "Draft",
    "Headcount",
    "ItemClass",
    "Page",
    "Question",
    "Reach",
    "Section",
    "Seeing",
    "Signed",
    "Signing",
    "SigningKey",
    "Table",
    "Trial",
    "WhoSeesWhat",
    "agreement_page",
    "compare",
    "comparison_page",
    "counting_purposes",
    "disclosed",
    "documents_of",
    "explanation",
    "promises_page",
    "prove",
    "reaches_about",
    "read_policy",
    "refuse_broken_promises",
    "statement_verifier",
    "who_sees_the_item",
    "who_sees_the_kind",
    "who_sees_what",
]
