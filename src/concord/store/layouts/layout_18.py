"""Layout 18: a user's own NHS number, so that their own record is known; NULL: it is not."""

STATEMENTS = ("ALTER TABLE account_user ADD COLUMN nhs_number TEXT",)
