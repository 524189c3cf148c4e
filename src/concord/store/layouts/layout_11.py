"""Layout 11: what sources and reviewers say of whose record is whose, and how links changed.

A link's `base` is what the rules alone say: source patients of one base were linked by number and name. Persons are
bases joined by what is said besides, so that taking a word back brings everything back where it came from.
Instants are microseconds since 1970 UTC.
"""

STATEMENTS = (
    "ALTER TABLE link ADD COLUMN base TEXT NOT NULL DEFAULT ''",
    "UPDATE link SET base = person",
    "CREATE INDEX link_by_base ON link (base, home, source_patient)",
    # A source says that its Patient `target` is the same human (Patient.link), and whether it replaces this one.
    # `held`: why no link came of it, else empty.
    """CREATE TABLE tie (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, target TEXT NOT NULL, replaced INTEGER NOT NULL,
        held TEXT NOT NULL,         PRIMARY KEY (home, source_patient, target)) WITHOUT ROWID""",
    "CREATE INDEX tie_by_target ON tie (target)",
    # A reviewer's word about two Patients, the lesser id first; the last about a pair stands.
    """CREATE TABLE identity_word (
        number INTEGER PRIMARY KEY, one TEXT NOT NULL, other TEXT NOT NULL, says TEXT NOT NULL,
        author TEXT NOT NULL, at INTEGER NOT NULL, why TEXT NOT NULL)""",
    "CREATE INDEX identity_word_by_one ON identity_word (one)",
    "CREATE INDEX identity_word_by_other ON identity_word (other)",
    # Every time that a source patient went from one person to another.
    """CREATE TABLE link_change (
        number INTEGER PRIMARY KEY, home INTEGER NOT NULL, source_patient INTEGER NOT NULL, at INTEGER NOT NULL,
        person_before TEXT NOT NULL, person_after TEXT NOT NULL, author TEXT NOT NULL, why TEXT NOT NULL)""",
    "CREATE INDEX link_change_at ON link_change (at)",
)
