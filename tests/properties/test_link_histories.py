"""Linking, unlinking, merging, keeping apart, moving, judging anew, in any order: everything goes back.

A hospital and a practice hold Patients, some of whom the rules link by number. Then reviewers and the hospital say what
comes to their minds. At the end all that was said is taken back, and everybody is who they were and has what they had.
"""

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from concord.base import Conflict, NotFound, OdsCode
from concord.governance import SourceSystem
from concord.record import Submission
from tests.small_system import HOSPITAL, PRACTICE, attendance, condition, patient, send, small_system, viewer

OFFICER = viewer("data-quality-officer", "ZZA")
NUMBERS: Mapping[str, str | None] = {
    "h1": "9990003114", "h2": "9990003203", "h3": None, "h4": None, "g1": "9990003114", "g2": None,
}  # fmt: skip
OF_HOSPITAL = [name for name in NUMBERS if name.startswith("h")]
ITEMS = ["v1", "v2"]  # encounters of the hospital's, each with a condition of its own
PAIRS = [pair for pair in combinations(NUMBERS, 2) if pair[0] in OF_HOSPITAL]

pairs, of_hospital = st.sampled_from(PAIRS), st.sampled_from(OF_HOSPITAL)


def source_of(name: str) -> SourceSystem:
    return HOSPITAL if name in OF_HOSPITAL else PRACTICE


def person_like(name: str, **more: Any) -> dict[str, Any]:
    """Those of one number agree; nobody else is like anybody."""
    day = 14 if NUMBERS[name] == "9990003114" else 15 + list(NUMBERS).index(name)
    family = "Holroyd" if day == 14 else f"{name.upper()}worth"
    told = {"name": [{"family": family, "given": ["Margaret"]}], "birthDate": f"19{40 + day}-02-{day:02}"}
    where = [{"line": [f"{day} Weavers Fold"], "postalCode": f"NF{day} 2ZZ"}]
    return patient(name, number=NUMBERS[name], address=where, **told) | more


class LinkHistories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        self.app = self._open.enter_context(small_system(folder))
        self.ids = {
            name: self.app.records._keys.logical_id(OdsCode(source_of(name).organisation), "Patient", name)
            for name in NUMBERS
        }
        self.said: dict[tuple[str, str], bool] = {}
        self.ties: dict[str, set[str]] = {name: set() for name in OF_HOSPITAL}
        self.lies = {"v1": "h1", "v2": "h3"}

    @initialize()
    def arrive(self) -> None:
        for name in NUMBERS:
            send(self.app, source_of(name), person_like(name))
        for item, of in self.lies.items():
            self._tell_visit(item, of)
        self.first = self.persons()
        self.at_first = self.items_by_person()

    # -- what is said --------------------------------------------------------------------------------------------------

    @rule(pair=pairs, same=st.booleans())
    def a_reviewer_says(self, pair: tuple[str, str], same: bool) -> None:
        if self._say(pair, same=same):
            self.said[pair] = same

    @rule(one=of_hospital, other=of_hospital, replaced=st.booleans())
    def the_hospital_ties(self, one: str, other: str, replaced: bool) -> None:
        if one != other:
            self.ties[one] ^= {other}
            self._tell_ties(one, "replaced-by" if replaced else "seealso")

    @rule(item=st.sampled_from(ITEMS), to=of_hospital)
    def a_visit_is_moved(self, item: str, to: str) -> None:
        self.lies[item] = to
        self._tell_visit(item, to)

    @rule(name=st.sampled_from(list(NUMBERS)))
    def a_source_sends_its_patient_again(self, name: str) -> None:
        if name in OF_HOSPITAL:
            self._tell_ties(name)
        else:
            send(self.app, source_of(name), person_like(name))

    @rule()
    def everybody_is_judged_anew(self) -> None:
        self.app.records.rejudging.apply(lambda _: None)

    # -- what is so at every moment ------------------------------------------------------------------------------------

    @invariant()
    def the_last_word_about_two_is_so(self) -> None:
        now = self.persons() if self.said else {}
        for (one, other), same in self.said.items():
            assert (now[one] == now[other]) is same, (one, other)

    @invariant()
    def every_item_lies_where_its_source_last_said(self) -> None:
        if hasattr(self, "first"):
            by_patient = {self.ids[name]: name for name in NUMBERS}
            assert {item: by_patient[of] for item, of in self._lie().items()} == {
                **self.lies, **{f"{item}-c": of for item, of in self.lies.items()},
            }  # fmt: skip

    def teardown(self) -> None:
        """All that was said is taken back: everybody is who they were, and has what they had."""
        try:
            if hasattr(self, "first"):
                self._take_all_back()
                assert self.persons() == self.first
                assert self.items_by_person() == self.at_first
        finally:
            self._open.close()

    # ------------------------------------------------------------------------------------------------------------------

    def _take_all_back(self) -> None:
        for name, others in self.ties.items():
            if others:
                others.clear()
                self._tell_ties(name)
        for item, of in (("v1", "h1"), ("v2", "h3")):
            self._tell_visit(item, of)
        left = [pair for pair, same in self.said.items() if same != self._together_at_first(pair)]
        while left:  # a word that others contradict is refused until those are taken back
            refused = [pair for pair in left if not self._say(pair, same=self._together_at_first(pair))]
            assert len(refused) < len(left), refused
            left = refused

    def _together_at_first(self, pair: tuple[str, str]) -> bool:
        return self.first[pair[0]] == self.first[pair[1]]

    def _say(self, pair: tuple[str, str], *, same: bool) -> bool:
        one, other = (self.ids[name] for name in pair)
        try:
            self.app.records.links.say(one, other, OFFICER, same=same, why="As I was told").wait()
        except (Conflict, NotFound):
            return False
        return True

    def _tell_ties(self, name: str, kind: str = "seealso") -> None:
        links = [{"other": {"reference": f"Patient/{other}"}, "type": kind} for other in sorted(self.ties[name])]
        (outcome,) = send(self.app, HOSPITAL, person_like(name, **({"link": links} if links else {})))
        assert outcome.status in ("updated", "unchanged"), outcome.reason

    def _tell_visit(self, item: str, of: str) -> None:
        told = (attendance(item, of), condition(f"{item}-c", of, encounter={"reference": f"Encounter/{item}"}))
        changes = [Submission(resource=each, source_id=each["id"], moves=True) for each in told]
        outcomes = self.app.records.write(changes, by=HOSPITAL, atomic=True, assurance="traced")
        assert {each.status for each in outcomes} <= {"stored", "updated", "unchanged"}, outcomes

    def persons(self) -> dict[str, str]:
        with self.app.store.reading() as reading:
            rows = reading.rows(
                "SELECT s.patient, l.person FROM link l JOIN source_patient s ON s.home = l.home "
                "AND s.number = l.source_patient"
            )
        found: dict[str, str] = dict(rows)
        return {name: found[id_] for name, id_ in self.ids.items()}

    def _lie(self) -> dict[str, str]:
        """The id of the Patient with which each item lies."""
        names = {
            self.app.records._keys.logical_id(OdsCode("ZZA"), type_, name): name
            for item in ITEMS
            for type_, name in (("Encounter", item), ("Condition", f"{item}-c"))
        }
        with self.app.store.reading() as reading:
            rows = reading.rows(
                "SELECT i.id, s.patient FROM item i JOIN source_patient s ON s.home = i.home "
                "AND s.number = i.source_patient"
            )
        return {names[id_]: of for id_, of in rows if id_ in names}

    def items_by_person(self) -> dict[str, list[str]]:
        with self.app.store.reading() as reading:
            rows = reading.rows(
                "SELECT l.person, i.id FROM item i JOIN link l ON l.home = i.home "
                "AND l.source_patient = i.source_patient ORDER BY i.id"
            )
        found: dict[str, list[str]] = {}
        for person, id_ in rows:
            found.setdefault(person, []).append(id_)
        return found


TestLinkHistories = LinkHistories.TestCase
TestLinkHistories.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
