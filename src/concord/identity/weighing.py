"""The weights in force: the installation's own, else those that Concord comes with."""

from datetime import datetime
from functools import lru_cache

import msgspec

from concord.identity.likeness import Scorer, Weights, delivered_weights
from concord.store import Reading, Writing, body, registers

DELIVERED = 0
"""The version of the weights that Concord comes with."""


def weights_in_force(reading: Reading) -> tuple[int, Scorer]:
    """Version and scorer of the newest weights, read anew each time: a running server takes them up at once."""
    version, content = registers.matching_weights(reading) or (DELIVERED, delivered_weights())
    return version, _scorer(content)


def keep_weights(writing: Writing, weights: Weights, learnt_at: datetime) -> int:
    """Put weights in force; their version."""
    return registers.add_matching_weights(writing, msgspec.json.encode(weights).decode(), body.microseconds(learnt_at))


@lru_cache(maxsize=4)
def _scorer(content: str) -> Scorer:
    return Scorer(msgspec.json.decode(content, type=Weights))
