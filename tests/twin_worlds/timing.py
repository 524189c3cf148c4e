"""Whether how long an answer takes tells what is hidden: the same request to both worlds in turn, many times.

A request tells if the worlds part in it by more than 2% of the time that it takes and by more than 50 microseconds, and
if one world's times rank before the other's by more than chance would have it, all requests of a run considered
(Wilcoxon's signed ranks, Holm's correction). By how much they part is the median over pairs of what the one took longer
than the other: whatever else the machine does meets both of a pair.
"""

import gc
import math
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.twin_worlds.asking import Known, Request
from tests.twin_worlds.catalogue import catalogue

SHARE, SECONDS = 0.02, 50e-6  # medians may part by the larger of these
ALPHA = 0.01  # of all templates together
_WARM, _PORTION = 20, 250  # requests before any counts; pairs between two collections of what is no longer used

Clock = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Timed:
    """How long the same request took in either world, in seconds, pair by pair."""

    request: str
    one: Sequence[float]
    other: Sequence[float]

    @property
    def differences(self) -> list[float]:
        return [other - one for one, other in zip(self.one, self.other, strict=True)]

    @property
    def apart(self) -> float:
        """By how much the other world is slower, in seconds."""
        return median(self.differences)

    @property
    def parts(self) -> bool:
        return abs(self.apart) > max(SECONDS, SHARE * median(self.one))

    def __str__(self) -> str:
        taken, apart = median(self.one) * 1e6, self.apart * 1e6
        return f"{taken:8.0f} us {apart:+7.1f} us  p {rank_p(self):.2g}  {self.request}"


def telling(found: Sequence[Timed]) -> list[Timed]:
    """Those by whose times the worlds can be told apart."""
    by_rank = significant([rank_p(each) for each in found])
    return [each for place, each in enumerate(found) if place in by_rank and each.parts]


def timed(
    request: str,
    one: Callable[[], object],
    other: Callable[[], object],
    *,
    pairs: int,
    clock: Clock = time.perf_counter,
) -> Timed:
    """Each pair in the other order than the one before, so that neither always comes first; nothing is collected."""
    times: tuple[list[float], list[float]] = [], []
    for ask in (one, other) * _WARM:
        ask()
    gc.collect()
    gc.disable()
    try:
        for number in range(pairs):
            for world, ask in ((0, one), (1, other))[:: 1 if number % 2 else -1]:
                begun = clock()
                ask()
                times[world].append(clock() - begun)
            if number % _PORTION == 0:
                gc.collect()
    finally:
        gc.enable()
    return Timed(request=request, one=times[0], other=times[1])


def rank_p(pairs: Timed) -> float:
    """Two-sided p of Wilcoxon's signed ranks, by its normal approximation: for hundreds of pairs."""
    differences = [each for each in pairs.differences if each]
    n = len(differences)
    if n == 0:
        return 1.0
    ranked = sorted(differences, key=abs)
    above = sum(rank for rank, difference in enumerate(ranked, start=1) if difference > 0)
    z = (above - n * (n + 1) / 4) / math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return math.erfc(abs(z) / math.sqrt(2))


def significant(ps: Sequence[float], alpha: float = ALPHA) -> set[int]:
    """Which of these are significant after Holm's correction."""
    found: set[int] = set()
    for step, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        if ps[index] > alpha / (len(ps) - step):
            break
        found.add(index)
    return found


# What begins or ends something cannot be asked the same twice.
_ASKS = re.compile(r"/(_search|\$match|\$everything|\$lastn)(\?|$)")
_BEGINS = re.compile(r"\$export|\$import|break-glass|/sign-|/own-word")


def worth_timing(known: Known) -> list[Request]:
    """One request of each template, of those that change nothing: where there is one, that asks for what is hidden."""
    chosen: dict[str, Request] = {}
    for request in catalogue(known):
        reads = request.method in {"GET", "HEAD"} or _ASKS.search(request.path)
        if reads and not _BEGINS.search(request.path):
            before = chosen.get(request.template)
            if before is None or (_asks_for(request, known.guessed) and not _asks_for(before, known.guessed)):
                chosen[request.template] = request
    return list(chosen.values())


def _asks_for(request: Request, addresses: Iterable[str]) -> bool:
    return any(address.partition("/")[2] in request.path for address in addresses)
