"""The words that the record needs: headings, sensitivity labels, and the code sets behind them; and the profiles and
value sets that an installation has loaded to validate by.

Promises: names and stored positions that never change. Refuses: deciding who may see what.
"""

from concord.terminology.headings import HEADINGS, Heading
from concord.terminology.labels import Label, label_mask, labels_of
from concord.terminology.loaded import LOADABLE, LoadedDefinitions, load_definitions, loaded_urls

__all__ = [
    "HEADINGS",
    "LOADABLE",
    "Heading",
    "Label",
    "LoadedDefinitions",
    "label_mask",
    "labels_of",
    "load_definitions",
    "loaded_urls",
]
