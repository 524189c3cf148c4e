"""An audit writer on a store, for tests that need no whole system."""

from concord.audit import AuditWriter, Checkpoints, Signer
from concord.base import FixedClock, Keys
from concord.store import Store
from tests.small_system import KEYS, NOW

SIGNER = Signer(b"a seed of thirty-two bytes, or..")


def audit_writer(store: Store, keys: Keys = KEYS) -> AuditWriter:
    return AuditWriter(store, keys, Checkpoints(store, FixedClock(NOW), SIGNER))
