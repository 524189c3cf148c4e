"""One person's integrated record: the door to read it and to write it.

Promises: nothing about a person is read but what a decision permits, nothing comes out before its audit row is
durable, a write is whole or not at all, and every item says who contributed it and when. Refuses: deciding who may see
(`governance`), whose record it is (`identity`), and knowing any supplier's format (`ingest`).
"""

from concord.record.alerts import OUTCOMES, Alerts
from concord.record.choosing import OwnChoices
from concord.record.door import Records
from concord.record.everything import Wanted
from concord.record.exporting import Export
from concord.record.faces import (
    AlertInFull,
    AlertRow,
    Asking,
    Asserted,
    FoundPerson,
    ListName,
    ListRow,
    Look,
    Looks,
    Namesake,
    OpenRecord,
    PersonQuery,
    ShutRecord,
    TeamFigures,
    Worklists,
)
from concord.record.history import Past
from concord.record.jobs import Job, JobGone, Jobs, Made, TooManyJobs, Turn
from concord.record.labels_shown import ItemInReview, ItemLine, LabelOverview
from concord.record.links import ChangedLink, LinkPair, LinkRow, Links
from concord.record.model import (
    Change,
    ClauseReference,
    Deletion,
    Item,
    ItemDeleted,
    Original,
    Outcome,
    Patch,
    Receipt,
    SourceState,
    Submission,
    to_blame,
)
from concord.record.originals import Behind, KeptOriginal, OpenItem
from concord.record.own import ActedFor, OwnLooks
from concord.record.paging import PageGone
from concord.record.quarantine import Held, Quarantine
from concord.record.reviewing import Side
from concord.record.seers import WhoCanSee
from concord.record.simulation import Simulation
from concord.record.standing import Standing
from concord.record.summary.model import (
    Alert,
    Card,
    Detail,
    Entry,
    Identity,
    Mark,
    Medicine,
    Source,
    Summary,
)
from concord.record.traffic import Arrival, FeedTraffic, Traffic
from concord.record.trials import tested
from concord.record.verifying import Verified

__all__ = [
    "OUTCOMES",
    "ActedFor",
    "Alert",
    "AlertInFull",
    "AlertRow",
    "Alerts",
    "Arrival",
    "Asking",
    "Asserted",
    "Behind",
    "Card",
    "Change",
    "ChangedLink",
    "ClauseReference",
    "Deletion",
    "Detail",
    "Entry",
    "Export",
    "FeedTraffic",
    "FoundPerson",
    "Held",
    "Identity",
    "Item",
    "ItemDeleted",
    "ItemInReview",
    "ItemLine",
    "Job",
    "JobGone",
    "Jobs",
    "KeptOriginal",
    "LabelOverview",
    "LinkPair",
    "LinkRow",
    "Links",
    "ListName",
    "ListRow",
    "Look",
    "Looks",
    "Made",
    "Mark",
    "Medicine",
    "Namesake",
    "OpenItem",
    "OpenRecord",
    "Original",
    "Outcome",
    "OwnChoices",
    "OwnLooks",
    "PageGone",
    "Past",
    "Patch",
    "PersonQuery",
    "Quarantine",
    "Receipt",
    "Records",
    "ShutRecord",
    "Side",
    "Simulation",
    "Source",
    "SourceState",
    "Standing",
    "Submission",
    "Summary",
    "TeamFigures",
    "TooManyJobs",
    "Traffic",
    "Turn",
    "Verified",
    "Wanted",
    "WhoCanSee",
    "Worklists",
    "tested",
    "to_blame",
]
