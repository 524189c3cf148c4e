"""Layout 20: where a source patient has been, for what was noted about it under other persons' ids."""

STATEMENTS = ("CREATE INDEX link_change_by_source ON link_change (home, source_patient, number)",)
