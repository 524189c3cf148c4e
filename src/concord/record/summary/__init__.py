"""One person's record as a page: items in, finished words out. Pure: no clock, no database, no network.

`summarise` groups what several sources say, sets disagreements side by side, and never picks. What it cannot place it
lists under its heading, so that no item is lost; what it cannot date it shows without a date.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from concord.base import OdsCode
from concord.record.model import Item
from concord.record.summary.alerts import alerts
from concord.record.summary.allergies import allergies
from concord.record.summary.contacts import appointments, contacts, where_now
from concord.record.summary.documents import documents
from concord.record.summary.elsewhere import elsewhere
from concord.record.summary.given import Given, Organisation
from concord.record.summary.identity import identity
from concord.record.summary.medications import medications
from concord.record.summary.model import Summary
from concord.record.summary.people import people
from concord.record.summary.plans import care, plans, risks
from concord.record.summary.problems import problems
from concord.record.summary.results import results
from concord.record.summary.source_lists import left_out, swallow_lists

__all__ = ["Organisation", "Summary", "summarise"]


def summarise(
    items: Sequence[Item],
    *,
    now: datetime,
    organisations: Mapping[OdsCode, Organisation],
    referred: Mapping[str, dict[str, Any]] | None = None,
) -> Summary:
    """The record page of the one person whom `items` are about, as at `now` (aware).

    `organisations`: what the directory says of each contributor. `referred`: by "Type/id" what items refer to
    that names nobody (a Practitioner, a Medication), for its words. Never raises on valid FHIR, however odd.
    """
    given = Given(items, now, organisations, referred or {})
    where, banner = where_now(given)
    allergic, medicines, found = allergies(given), medications(given), results(given)
    planned, warned = plans(given), risks(given)
    missing = left_out(given)
    swallow_lists(given)
    return Summary(
        as_at=now,
        identity=identity(given, banner),
        left_out=missing,
        alerts=alerts(allergic.severe, planned, warned, found, medicines),
        risks=warned,
        allergies=allergic.card,
        plans=planned,
        where_now=where,
        medications=medicines,
        results=found,
        problems=problems(given),
        contacts=contacts(given),
        people=people(given),
        appointments=appointments(given),
        care=care(given),
        documents=documents(given),
        elsewhere=elsewhere(given),
        by_heading=dict(Counter(item.heading for item in items if item.lifecycle == "current")),
    )
