"""What the labels of items hang on beside the items, so that it is known when what is held is to be labelled anew."""

from hashlib import blake2b

from concord.governance.directory import Directory
from concord.governance.labels.cues import cue_table
from concord.governance.labels.tables import Sensitivity, SensitivityTable
from concord.terminology import label_mask


def label_rules(directory: Directory, sensitivity: Sensitivity) -> str:
    """What labels hang on beside the items, as a hash: the tables, and the labels that services give."""
    services = sorted(
        (code, each.service, label_mask(each.labels))
        for code, organisation in directory.organisations.items()
        for each in organisation.services
        if each.labels
    )
    rules = (_rules(sensitivity.shipped), _rules(sensitivity.site), services, cue_table().rules())
    return blake2b(repr(rules).encode(), digest_size=16).hexdigest()


def _rules(table: SensitivityTable) -> tuple[object, ...]:
    exact = sorted((*key, row.labels) for key, row in table.exact.items())
    prefixes = sorted((system, code, row.labels) for system, of in table.prefixes.items() for code, row in of.items())
    below = sorted((each.system, each.code, each.row.labels, table.loads.get(each.system, 0)) for each in table.below)
    undotted = sorted(name for name, system in table.systems.items() if not system.dots)
    return exact, prefixes, below, undotted
