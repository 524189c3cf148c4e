"""What the pages of the governance portal stand on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

from concord.governance.agreements import AgreementDesk
from concord.portals import ui, visits
from concord.portals.governance.doors import CountingDoor, LabelsDoor, SimulatorDoor
from concord.portals.governance.long_answers import LongAnswers
from concord.terminology import Label

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Portal:
    desk: AgreementDesk
    simulator: SimulatorDoor
    counting: CountingDoor
    labels: LabelsDoor
    accounts: visits.AccountsDoor
    long_answers: LongAnswers = field(default_factory=LongAnswers)

    @property
    def pages(self) -> ui.Pages:
        return _pages()

    async def ask(self, question: Callable[..., T], *given: Any, **named: Any) -> T:
        """What the desk answers, asked in a thread: proofs and comparisons take tenths of a second."""
        return await run_in_threadpool(lambda: question(*given, **named))


@cache
def _pages() -> ui.Pages:
    return ui.Pages(Path(__file__).parent / "templates", visits.assets(), {"label_words": label_words})


def label_words(label: Label, *, begins: bool = False) -> str:
    """A label in words; `begins` a sentence."""
    words = label.upper() if label is Label.HIV else label.replace("-", " ")
    return words[:1].upper() + words[1:] if begins else words
