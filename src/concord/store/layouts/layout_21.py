"""Layout 21: statements about a proposed version that became void, because the proposal was taken back.

`voided` counts the takings back, from 1; NULL: the statement was in none of them, and counts.
"""

STATEMENTS = (
    "ALTER TABLE statement ADD COLUMN voided INTEGER",
    "CREATE INDEX statement_voided ON statement (voided) WHERE voided IS NOT NULL",
)
