"""What people said of an item's labels, as the store keeps it, read as governance understands it."""

from concord.governance.labels import Correction, Says
from concord.store import Reading, labelling
from concord.terminology import Label


def corrections_of(reading: Reading, type_: str, id_: str) -> list[Correction]:
    """Oldest first."""
    return [
        Correction(
            label=Label(row.label),
            says=Says(row.says),
            mistake=bool(row.mistake),
            grounds=frozenset(row.grounds.splitlines()),
        )
        for row in labelling.said(reading, type_, id_)
    ]
