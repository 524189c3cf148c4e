"""Who did what, durable before anything leaves, and proved afterwards.

Promises: a value read about a person comes out of its `Audited` wrapper only when the row that says so is on disk; a
write's row is committed with the write; every row is a leaf of a chain that signed checkpoints hold, so that a change,
a drop, a swap and a cut show where they are; nobody can switch it off. Refuses: judging what was done.
"""

from concord.audit.checkpoints import Checkpoint, Checkpoints, Signer, read_checkpoint
from concord.audit.ed25519_alone import signed
from concord.audit.event import (
    Action,
    AuditEvent,
    AuditOutcome,
    Kept,
    count_since,
    every,
    look_with,
    looks,
    looks_at,
    looks_since,
)
from concord.audit.exporting import export, stand_alone, stand_alone_verifier
from concord.audit.origin import Via, came_from
from concord.audit.verifying import AuditProof, verify
from concord.audit.writer import Audited, AuditWriter

__all__ = [
    "Action",
    "AuditEvent",
    "AuditOutcome",
    "AuditProof",
    "AuditWriter",
    "Audited",
    "Checkpoint",
    "Checkpoints",
    "Kept",
    "Signer",
    "Via",
    "came_from",
    "count_since",
    "every",
    "export",
    "look_with",
    "looks",
    "looks_at",
    "looks_since",
    "read_checkpoint",
    "signed",
    "stand_alone",
    "stand_alone_verifier",
    "verify",
]
