"""Who did what, durable before anything leaves.

Promises: a value read about a person comes out of its `Audited` wrapper only when the row that says so is on disk; a
write's row is committed with the write; nobody can switch it off. Refuses: judging what was done (see `oversight`).
"""

from concord.audit.event import Action, AuditEvent, AuditOutcome, looks
from concord.audit.writer import Audited, AuditWriter

__all__ = ["Action", "AuditEvent", "AuditOutcome", "AuditWriter", "Audited", "looks"]
