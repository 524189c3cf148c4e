"""Accesses that nothing explains, ranked with reasons: explanation first, then what is odd about the rest. Pure.

In published data simple rules (same surname, same address) caught none of 58 proven cases and drowned the reviewer,
while most accesses explain themselves by a relationship, an appointment or a colleague's work. So a tie alone raises
nothing where the user was named in the person's care, and what is explained is not ranked at all.
"""

from concord.record.misuse.explaining import Explanation
from concord.record.misuse.model import Access, Near, Tie, Verdict
from concord.record.misuse.ranking import Odd, Why, rank
from concord.record.misuse.rota import Rota, parse_rota
from concord.record.misuse.words import WORDS_OF

__all__ = [
    "WORDS_OF",
    "Access",
    "Explanation",
    "Near",
    "Odd",
    "Rota",
    "Tie",
    "Verdict",
    "Why",
    "parse_rota",
    "rank",
]
