"""Layout 17: since when a draft is proposed for signature (microseconds since 1970 UTC); NULL: it is not."""

STATEMENTS = ("ALTER TABLE draft ADD COLUMN proposed_at INTEGER",)
