"""What one world hides: two tables of hidden things, by whom they are hidden from.

To be read together: what is missing from them is tried nowhere.
"""

from tests.twin_worlds.hidden_from_carers import FROM_CARERS
from tests.twin_worlds.hidden_from_others import FROM_OTHERS

SCENARIOS = (*FROM_CARERS, *FROM_OTHERS)
