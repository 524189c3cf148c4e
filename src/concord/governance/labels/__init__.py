"""The labels of items: which codes, marks and services give them, and why; what people say of them; words that suggest.

Promises: every label has a ground that can be told in words; what a site says beside the shipped table adds labels and
takes none away; what nobody can tell is `unknown`; a correction speaks of the grounds that somebody looked at, never of
a seal or of what the law bars. Refuses: deciding who may see what; labelling by words.
"""

from concord.governance.labels.correcting import (
    Correction,
    Says,
    beyond_review,
    correctable,
    corrected,
    refuse_correction,
)
from concord.governance.labels.cues import cue_table
from concord.governance.labels.grounds import Ground, grounds_of_resource, labels_of_resource
from concord.governance.labels.rules import label_rules
from concord.governance.labels.tables import SITE_FILE, Sensitivity, parse_site_table

__all__ = [
    "SITE_FILE",
    "Correction",
    "Ground",
    "Says",
    "Sensitivity",
    "beyond_review",
    "correctable",
    "corrected",
    "cue_table",
    "grounds_of_resource",
    "label_rules",
    "labels_of_resource",
    "parse_site_table",
    "refuse_correction",
]
