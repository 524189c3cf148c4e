"""Layout 22: the choices that people make themselves, under the NHS number that their account proves.

Instants are microseconds since 1970 UTC. `body` is the FHIR Consent as it was made; what is taken back has an end,
and stays.
"""

STATEMENTS = (
    """CREATE TABLE own_choice (
        nhs_number TEXT NOT NULL, reference TEXT NOT NULL, kind TEXT NOT NULL, given INTEGER NOT NULL,
        contributor TEXT, organisation TEXT, silent INTEGER NOT NULL, starts_at INTEGER NOT NULL, ends_at INTEGER,
        author TEXT NOT NULL, ended_by TEXT, body BLOB NOT NULL, PRIMARY KEY (nhs_number, reference))""",
)
