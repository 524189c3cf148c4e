"""The labels of items: which codes, marks and services give them, and why.

Promises: every label has a ground that can be told in words; what a site says beside the shipped table adds labels and
takes none away; what nobody can tell is `unknown`. Refuses: deciding who may see what.
"""

from concord.governance.labels.grounds import Ground, grounds_of_resource, label_rules, labels_of_resource
from concord.governance.labels.tables import SITE_FILE, Sensitivity, parse_site_table

__all__ = [
    "SITE_FILE",
    "Ground",
    "Sensitivity",
    "grounds_of_resource",
    "label_rules",
    "labels_of_resource",
    "parse_site_table",
]
