"""Layout 13: what finding people who are alike leans on, and the learnt weights by which they are compared.

`learnt_at` is microseconds since 1970 UTC; `content` is JSON. Every version is kept; the newest counts.
"""

STATEMENTS = (
    "CREATE INDEX source_patient_by_names ON source_patient (family, given) WHERE patient IS NOT NULL",
    "CREATE INDEX source_patient_by_given ON source_patient (postcode, given) WHERE patient IS NOT NULL",
    """CREATE TABLE matching_weights (
        version INTEGER PRIMARY KEY, learnt_at INTEGER NOT NULL, content TEXT NOT NULL)""",
)
