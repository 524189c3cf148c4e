"""The record's database: the only room that speaks SQL.

Promises: rows belong to their source patient for ever; every version is kept; a transaction is all or nothing and
durable when it ends; a function that returns anything about a person takes a `Permitted` and applies it inside the
query. Refuses: deciding who may read, and reading FHIR.

Its drawers are modules: `items` (rows of items), `across` (where those of many people lie), `versions` (earlier ones,
deletion), `feed` (changes in order), `people` (source patients and links), `beside`
(among whom one is linked), `ties` (what is said of whose they are),
`facts` (what decisions read), `assertions` (what users assert so that a record opens),
`own_choices` (what people choose of its sharing),
`oddities` (accesses that nothing explains), `drafts` (of agreements),
`registers` (policy, freshness, waiting), `quarantine_rows` (what could not be taken in), `audit_rows`, `jobs` (long
work asked for), `account_rows`, `body` (how a resource lies in a row),
`backups` (copies of all of it), `contents` (what it holds, as fingerprints), `checks` (whether it agrees with itself),
`stock` (counts), `census` (everybody, for counting), `terms` (code systems, value sets and concept maps that were
loaded), `traffic` (how much came by each feed), `trials` (organisations whose data testers alone see),
`quality` (what each organisation's data are like, as counts).
"""

from concord.store import (
    account_rows,
    across,
    assertions,
    audit_rows,
    backups,
    beside,
    body,
    census,
    checks,
    contents,
    drafts,
    facts,
    feed,
    items,
    jobs,
    oddities,
    originals,
    own_choices,
    people,
    quality,
    quarantine_rows,
    registers,
    stock,
    terms,
    ties,
    traffic,
    trials,
    versions,
)
from concord.store.face import Reading, Store, Writing
from concord.store.opening import open_store
from concord.store.permitted import Opening, Permitted
from concord.store.postgresql import PostgresqlStore
from concord.store.sqlite import SqliteStore

__all__ = [
    "Opening",
    "Permitted",
    "PostgresqlStore",
    "Reading",
    "SqliteStore",
    "Store",
    "Writing",
    "account_rows",
    "across",
    "assertions",
    "audit_rows",
    "backups",
    "beside",
    "body",
    "census",
    "checks",
    "contents",
    "drafts",
    "facts",
    "feed",
    "items",
    "jobs",
    "oddities",
    "open_store",
    "originals",
    "own_choices",
    "people",
    "quality",
    "quarantine_rows",
    "registers",
    "stock",
    "terms",
    "ties",
    "traffic",
    "trials",
    "versions",
]
