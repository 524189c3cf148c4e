"""Layout 27: NHS numbers of which a source says that another one stands in their place."""

STATEMENTS = (
    """CREATE TABLE superseded (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, nhs_number TEXT NOT NULL,
        PRIMARY KEY (home, source_patient, nhs_number)) WITHOUT ROWID""",
    "CREATE INDEX superseded_by_number ON superseded (nhs_number)",
)
