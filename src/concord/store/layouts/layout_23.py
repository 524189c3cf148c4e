"""Layout 23: organisations on trial, whose data are in and shown to testers alone.

A trial lasts until `ended_at`. `trial_patient` holds what a source patient of it would be found and linked by, which
`source_patient` and `link` say of everybody else; `person` is whoever it is as long as it is set apart.
"""

STATEMENTS = (
    """CREATE TABLE trial (
        organisation TEXT NOT NULL, begun_at INTEGER NOT NULL, ended_at INTEGER, PRIMARY KEY (organisation))""",
    """CREATE TABLE trial_tester (
        user_name TEXT NOT NULL, organisation TEXT NOT NULL, PRIMARY KEY (user_name, organisation))""",
    """CREATE TABLE trial_patient (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, contributor TEXT NOT NULL, assurance TEXT NOT NULL,
        person TEXT NOT NULL, nhs_number TEXT, family TEXT NOT NULL, given TEXT NOT NULL, born_on TEXT NOT NULL,
        postcode TEXT NOT NULL, sex TEXT NOT NULL, shown_name TEXT NOT NULL, address TEXT NOT NULL, died_on TEXT,
        protected INTEGER NOT NULL, PRIMARY KEY (home, source_patient))""",
    "CREATE INDEX trial_patient_by_number ON trial_patient (nhs_number) WHERE nhs_number IS NOT NULL",
    "CREATE INDEX trial_patient_by_person ON trial_patient (person)",
    "CREATE INDEX trial_patient_by_contributor ON trial_patient (contributor, source_patient)",
)
