"""The words that the record needs: headings, sensitivity labels, and the code sets behind them; the profiles and value
sets that an installation has loaded to validate by; and the code systems, value sets and maps that it asks.

Promises: names and stored positions that never change; the same answer to whoever asks about a code. Refuses: deciding
who may see what; shipping anybody's terminology.
"""

from concord.terminology.answers import Checked, Concept, Expanded, Lookup, Mapped, NotKnown, TooCostly
from concord.terminology.asking import Terminology
from concord.terminology.headings import HEADINGS, Heading
from concord.terminology.hierarchies import Hierarchy
from concord.terminology.incoming import KINDS, incoming_of, load_terminology, loaded_terminology
from concord.terminology.labels import Label, label_mask, labels_of
from concord.terminology.loaded import LOADABLE, LoadedDefinitions, load_definitions, loaded_urls
from concord.terminology.snomed import holds_snapshot, incoming_snapshot

__all__ = [
    "HEADINGS",
    "KINDS",
    "LOADABLE",
    "Checked",
    "Concept",
    "Expanded",
    "Heading",
    "Hierarchy",
    "Label",
    "LoadedDefinitions",
    "Lookup",
    "Mapped",
    "NotKnown",
    "Terminology",
    "TooCostly",
    "holds_snapshot",
    "incoming_of",
    "incoming_snapshot",
    "label_mask",
    "labels_of",
    "load_definitions",
    "load_terminology",
    "loaded_terminology",
    "loaded_urls",
]
