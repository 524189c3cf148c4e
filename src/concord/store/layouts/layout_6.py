"""Layout 6: what searches that name no person lean on (docs/adr/0016)."""

STATEMENTS = (
    # When a search says from when on: items of a type that end after it.
    "CREATE INDEX item_by_end ON item (type, ends_at) WHERE ends_at IS NOT NULL",
    # Of a person, where their source patients lie is read from here alone.
    "DROP INDEX link_by_person",
    "CREATE INDEX link_by_person ON link (person, home, source_patient)",
    # The few whose whereabouts are protected, by the number under which another source may know them.
    "CREATE INDEX source_patient_protected ON source_patient (nhs_number) WHERE protected = 1",
    # People are found by where they live, too.
    "CREATE INDEX source_patient_by_postcode ON source_patient (postcode, family) WHERE patient IS NOT NULL",
)
