"""Layout 1: the tables of the record's database as first made.

Everything about a person is keyed by `home` first: the placement key of a source patient, fixed for ever.
The locator is the one table that is not; it finds an item by its id. Instants are microseconds since 1970 UTC.
"""

_RECORD_TABLES = (
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # Short words that recur in every row (types, organisations, services) are stored once; a number never changes.
    "CREATE TABLE word (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
    # One organisation's record of a person; `patient` is NULL for the shelf of what names no person.
    # The columns after `patient` are what finding and linking people needs, and nothing clinical.
    """CREATE TABLE source_patient (
        number INTEGER PRIMARY KEY, home INTEGER NOT NULL, organisation INTEGER NOT NULL, patient TEXT,
        nhs_number TEXT, family TEXT, given TEXT, born_on TEXT, postcode TEXT, sex TEXT, address TEXT,
        shown_name TEXT, died_on TEXT, protected INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX source_patient_by_number ON source_patient (nhs_number) WHERE nhs_number IS NOT NULL",
    "CREATE INDEX source_patient_by_name ON source_patient (born_on, family) WHERE patient IS NOT NULL",
    "CREATE INDEX source_patient_by_organisation ON source_patient (organisation)",
    # A person is a list of source patients. `held_for` names the person a source patient may belong to.
    "CREATE TABLE link (source_patient INTEGER PRIMARY KEY, person TEXT NOT NULL, how TEXT NOT NULL, held_for TEXT)",
    "CREATE INDEX link_by_person ON link (person)",
    """CREATE TABLE item (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, item INTEGER NOT NULL,
        type INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, service INTEGER NOT NULL,
        heading INTEGER NOT NULL, own_labels INTEGER NOT NULL, labels INTEGER NOT NULL,
        starts_at INTEGER, ends_at INTEGER, lifecycle INTEGER NOT NULL, plain INTEGER NOT NULL,
        several INTEGER NOT NULL, stored_at INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (home, source_patient, item)) WITHOUT ROWID""",
    """CREATE TABLE item_version (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, item INTEGER NOT NULL, version INTEGER NOT NULL,
        service INTEGER NOT NULL, heading INTEGER NOT NULL, own_labels INTEGER NOT NULL, labels INTEGER NOT NULL,
        lifecycle INTEGER NOT NULL, plain INTEGER NOT NULL, several INTEGER NOT NULL, stored_at INTEGER NOT NULL,
        body BLOB NOT NULL, PRIMARY KEY (home, source_patient, item, version)) WITHOUT ROWID""",
    """CREATE TABLE locator (
        id TEXT NOT NULL, type INTEGER NOT NULL, home INTEGER NOT NULL, source_patient INTEGER NOT NULL,
        item INTEGER NOT NULL, PRIMARY KEY (id, type)) WITHOUT ROWID""",
    # `value` is a keyed hash of organisation, type, parameter and value: one organisation's rows never meet another's.
    """CREATE TABLE search_index (
        value INTEGER NOT NULL, home INTEGER NOT NULL, source_patient INTEGER NOT NULL, item INTEGER NOT NULL,
        PRIMARY KEY (value, home, source_patient, item)) WITHOUT ROWID""",
    # An item that names several people lies with the first; here it is found from the others.
    """CREATE TABLE named (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, of_home INTEGER NOT NULL,
        of_source_patient INTEGER NOT NULL, item INTEGER NOT NULL,
        PRIMARY KEY (home, source_patient, of_home, of_source_patient, item)) WITHOUT ROWID""",
    "CREATE INDEX named_by_item ON named (of_home, of_source_patient, item)",
    """CREATE TABLE relationship (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, item INTEGER NOT NULL, part INTEGER NOT NULL,
        kind TEXT NOT NULL, organisation TEXT, service TEXT, team TEXT, holder TEXT,
        starts_at INTEGER, ends_at INTEGER, PRIMARY KEY (home, source_patient, item, part)) WITHOUT ROWID""",
    """CREATE INDEX relationship_by_organisation ON relationship (organisation, kind, ends_at)
        WHERE organisation IS NOT NULL""",
    "CREATE INDEX relationship_by_holder ON relationship (holder) WHERE holder IS NOT NULL",
    """CREATE TABLE choice (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, item INTEGER NOT NULL, kind TEXT NOT NULL,
        given INTEGER NOT NULL, contributor TEXT NOT NULL, organisation TEXT, silent INTEGER NOT NULL,
        starts_at INTEGER, ends_at INTEGER, PRIMARY KEY (home, source_patient, item)) WITHOUT ROWID""",
    # Items whose Patient has not come yet: whole, visible to nobody.
    """CREATE TABLE waiting (
        number INTEGER PRIMARY KEY, patient TEXT NOT NULL, organisation TEXT NOT NULL, type TEXT NOT NULL,
        id TEXT NOT NULL, service TEXT, body BLOB NOT NULL)""",
    "CREATE UNIQUE INDEX waiting_by_patient ON waiting (patient, type, id)",
    "CREATE INDEX waiting_by_id ON waiting (id)",
    """CREATE TABLE quarantine (
        number INTEGER PRIMARY KEY, organisation TEXT NOT NULL, kind TEXT NOT NULL, file TEXT NOT NULL,
        entry TEXT NOT NULL, position TEXT NOT NULL, reason TEXT NOT NULL, held_at INTEGER NOT NULL,
        digest TEXT NOT NULL, original BLOB NOT NULL)""",
    "CREATE UNIQUE INDEX quarantine_once ON quarantine (organisation, digest, reason)",
    # When each organisation's system was last heard, whoever it spoke about.
    "CREATE TABLE heard (organisation TEXT PRIMARY KEY, heard_at INTEGER NOT NULL)",
    "CREATE TABLE policy (version INTEGER PRIMARY KEY, published_at INTEGER NOT NULL, files TEXT NOT NULL)",
    # What was acknowledged to a sender of messages: its sender, time and number, and its content, as hashes.
    """CREATE TABLE receipt (
        organisation TEXT NOT NULL, message BLOB NOT NULL, content BLOB NOT NULL, received_at INTEGER NOT NULL,
        PRIMARY KEY (organisation, message)) WITHOUT ROWID""",
    # One row a request and person: what was asked, what decided, how much was shown. Never updated.
    """CREATE TABLE audit (
        number INTEGER PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL,
        who TEXT NOT NULL, person TEXT, detail TEXT NOT NULL)""",
    "CREATE INDEX audit_by_person ON audit (person, at) WHERE person IS NOT NULL",
    "CREATE INDEX audit_by_who ON audit (who, at)",
)

_ACCOUNT_TABLES = (
    """CREATE TABLE account_user (
        user_name TEXT PRIMARY KEY, shown_name TEXT NOT NULL, title TEXT NOT NULL, staff_id TEXT NOT NULL,
        organisation TEXT NOT NULL, service TEXT, role TEXT NOT NULL, teams TEXT NOT NULL, active SMALLINT NOT NULL)""",
    # Of a user with a purpose, or of an organisation's source system.
    """CREATE TABLE account_token (
        hash TEXT PRIMARY KEY, user_name TEXT, purpose TEXT, organisation TEXT, ends_at BIGINT NOT NULL,
        CHECK ((user_name IS NULL) = (purpose IS NULL)), CHECK ((user_name IS NULL) <> (organisation IS NULL)))""",
    """CREATE TABLE account_session (
        hash TEXT PRIMARY KEY, user_name TEXT NOT NULL, purpose TEXT NOT NULL,
        seen_at BIGINT NOT NULL, ends_at BIGINT NOT NULL)""",
    "CREATE TABLE account_link (hash TEXT PRIMARY KEY, user_name TEXT NOT NULL, ends_at BIGINT NOT NULL)",
)

STATEMENTS = (*_RECORD_TABLES, *_ACCOUNT_TABLES)
