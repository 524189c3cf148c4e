"""Whose the Patients of one transaction are: linked as they come, settled when all have."""

from functools import cached_property

from concord.base import IdSource, OdsCode, PersonId
from concord.governance import Duty, SourceSystem, permit_duty
from concord.identity import Assurance, Scorer, link_source_patient, settle_persons, weights_in_force
from concord.record.newcomers import Before, Newcomers
from concord.record.prepare import Prepared
from concord.store import Writing, people, ties, trials
from concord.store.items import Place

_MATCHING = permit_duty(Duty(name="matching"))


class Linking:
    """`now`: when what changes is said to have changed, in microseconds."""

    def __init__(
        self,
        writing: Writing,
        organisation: OdsCode,
        newcomers: Newcomers,
        *,
        assurance: Assurance,
        ids: IdSource,
        now: int,
    ) -> None:
        self._writing = writing
        self._organisation = organisation
        self._newcomers = newcomers
        self._assurance: Assurance = assurance
        self._ids = ids
        self._now = now
        self._around: set[PersonId] = set()
        self._belonged: dict[people.Source, PersonId] = {}

    @cached_property
    def on_trial(self) -> bool:
        """Whether whoever contributes is on trial, so that nobody is linked."""
        return trials.is_on_trial(self._writing, self._organisation)

    @cached_property
    def _scorer(self) -> Scorer:
        return weights_in_force(self._writing)[1]

    def link(self, place: Place, prepared: Prepared, new: Before | None = None) -> None:
        """Link the source patient of a Patient, or set it apart while its organisation is on trial. `new`: it was made
        just now."""
        demographics = prepared.demographics
        assert demographics is not None
        if self.on_trial:
            organisation, itself = self._organisation, PersonId(self._ids.fresh())
            trials.set_apart(self._writing, place.source, organisation, demographics, self._assured(prepared), itself)
        else:
            self.link_by_rules(place, prepared, new)

    def link_by_rules(self, place: Place, prepared: Prepared, new: Before | None = None) -> None:
        """What else is said of it is settled at the end. Of one that is `new` nothing was kept but its demographics."""
        writing, source, demographics = self._writing, place.source, prepared.demographics
        assert demographics is not None
        before = people.person_of(writing, source) if new is None else None
        if new is None or prepared.superseded:
            people.supersede(writing, source, prepared.superseded)
        linked = link_source_patient(
            writing, _MATCHING, source, demographics, self._assured(prepared), self._ids,
            superseded=prepared.superseded, scorer=self._scorer,
        )  # fmt: skip
        if new is None:
            people.describe(writing, source, demographics)
        for other, belonged in linked.unsettled.items():
            self._settle_around(other, belonged)
        said_anew = (new is None or bool(prepared.same_as)) and ties.replace(writing, source, prepared.same_as)
        self._newcomers.speak(prepared.same_as)
        relinked = before is not None and people.person_of(writing, source) != before
        spoken_of = ties.spoken_of(writing, source, prepared.row.id) if new is None else new.spoken_of
        if said_anew or relinked or spoken_of:
            self._settle_around(source, before)

    def unlink(self, source: people.Source, patient: str) -> None:
        """Its Patient was deleted: what that said of others is void."""
        if ties.spoken_of(self._writing, source, patient):
            self._settle_around(source, people.person_of(self._writing, source))
        ties.replace(self._writing, source, {})
        people.forget(self._writing, source)
        trials.let_in(self._writing, source)

    def settle(self) -> None:
        """Make persons of what words and ties join or part by now; the Patients must have been written."""
        around, self._around = self._around, set()
        belonged, self._belonged = self._belonged, {}
        if around:
            settle_persons(
                self._writing, _MATCHING, around, belonged, at=self._now, ids=self._ids,
                author=SourceSystem(organisation=self._organisation).author, why="as its source says",
            )  # fmt: skip

    def _assured(self, prepared: Prepared) -> Assurance:
        """How far its number is to be trusted: as its feed's, or less where the source itself says so."""
        return "stated" if prepared.untraced else self._assurance

    def _settle_around(self, source: people.Source, before: PersonId | None) -> None:
        after = people.person_of(self._writing, source)
        self._around |= {person for person in (before, after) if person is not None}
        if before is not None:
            self._belonged.setdefault(source, before)
