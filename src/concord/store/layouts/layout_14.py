"""Layout 14: changes of links are found by the persons that they touched, to tell those who had looked at them."""

STATEMENTS = (
    "CREATE INDEX link_change_by_before ON link_change (person_before)",
    "CREATE INDEX link_change_by_after ON link_change (person_after)",
    # What waits for a reviewer is a handful among all links.
    "CREATE INDEX link_held ON link (home, source_patient) WHERE held_for IS NOT NULL",
    "CREATE INDEX tie_held ON tie (home, source_patient) WHERE held <> ''",
)
