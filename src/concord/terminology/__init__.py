"""The words that the record needs: headings, sensitivity labels, and the code sets behind them.

Promises: names and stored positions that never change. Refuses: deciding who may see what.
"""

from concord.terminology.headings import HEADINGS, Heading
from concord.terminology.labels import Label, label_mask, labels_of

__all__ = ["HEADINGS", "Heading", "Label", "label_mask", "labels_of"]
