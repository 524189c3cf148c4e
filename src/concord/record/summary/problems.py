"""Problems: what is active, each once with all who say so; what one source calls over stands beside it."""

from collections.abc import Sequence
from datetime import timedelta

from concord.record.dates import when
from concord.record.summary.given import DATED_IN_THE_FUTURE, Dated, Given, latest_first, same
from concord.record.summary.model import Card, Entry, Mark, Source
from concord.record.summary.words import child, children, codes, concept, concepts, joined, notes, string

_RESOLVED = Mark(text="≠ Resolved", tone="care")
_NEW = Mark(text="New", tone="care")
_NEW_FOR = timedelta(days=14)
_SHORT_NOTE = 80  # characters: what stands beside the name, as "ejection fraction 35%" does
_UNCERTAIN = {"unconfirmed": "Unconfirmed", "provisional": "Provisional", "differential": "Differential"}
_OVER = {"inactive", "remission", "resolved"}


def problems(given: Given) -> Card:
    active: list[tuple[tuple[bool, int], Entry]] = []
    past = []
    for group in same(latest_first(given.of("Condition")), "code", _name):
        ordered = latest_first(group)
        standing = [each for each in ordered if _is_active(given, each)]
        if not standing:
            past.append(_entry(given, ordered, (), ()))
            continue
        over = [each for each in ordered if not _is_active(given, each)]
        against = [each for each in over if _disagrees(each, standing)]
        earlier = [each for each in over if not _disagrees(each, standing)]
        entry = _entry(given, standing, earlier, [given.source(each, _over(each), (_RESOLVED,)) for each in against])
        rank = (DATED_IN_THE_FUTURE in entry.marks, 0 if _is_listed(standing) else 1)
        active.append((rank, entry))
    active.sort(key=lambda each: each[0])
    future = sum(rank[0] for rank, _ in active)
    lead = joined(
        f"{len(active) - future} active" if active else "",
        f"{len(past)} past" if past else "",
        f"{future} dated in the future" if future else "",
        by=" · ",
    )
    return Card(lead=lead, entries=tuple(entry for _, entry in active), more_title="Past problems", more=tuple(past))


def _entry(given: Given, said: Sequence[Dated], earlier: Sequence[Dated], against: Sequence[Source]) -> Entry:
    first = next((each for each in said if not given.in_future(each.when)), said[0])
    title = _name(first)
    told = "\n".join(dict.fromkeys(note for each in said if (note := notes(each.resource))))
    is_short = len(told) <= _SHORT_NOTE and "\n" not in told and told != title
    detail = _detail(first) or (told if is_short else "")
    text = "" if detail == told else told
    marks = []
    if any(codes(each.resource, "severity") & {"24484000"} for each in said):  # SNOMED CT: severe
        marks.append(Mark(text="Severe", tone="care"))
    certainty = [_UNCERTAIN.get(next(iter(codes(each.resource, "verificationStatus")), ""), "") for each in said]
    if all(certainty):
        marks.append(Mark(text=certainty[0], tone="fact"))
    if significance := {_significance(each) for each in said} - {""}:
        marks += [Mark(text=f"{each} problem", tone="fact") for each in sorted(significance)]
    if all(codes(each.resource, "verificationStatus") & {"refuted"} for each in said):
        marks.append(Mark(text="Refuted", tone="fact"))
    if all(given.in_future(each.when) for each in said):
        marks.append(DATED_IN_THE_FUTURE)
    elif all(_is_new(given, each) for each in said):
        marks.append(_NEW)
    sources = [
        given.source(each, joined(_different(_name(each), title), _different(_detail(each), detail))) for each in said
    ]
    sources += [given.source(each, _over(each)) for each in earlier]
    return given.entry("problems", title, sources, detail=detail, marks=marks, text=text, against=against)


def _name(each: Dated) -> str:
    return concept(each.resource.get("code")) or notes(each.resource).split("\n")[0] or "Problem not named"


def _significance(each: Dated) -> str:
    """ "Major" or "Minor", as GP systems file a problem."""
    found = (one for one in children(each.resource, "extension") if "ProblemSignificance" in string(one, "url"))
    return next((string(one, "valueCode").capitalize() for one in found), "")


def _detail(each: Dated) -> str:
    stages = (concept(stage.get("summary")) for stage in children(each.resource, "stage"))
    return joined(concepts(each.resource, "bodySite"), *stages)


def _different(text: str, shown: str) -> str:
    return text if text.lower() != shown.lower() else ""


def _is_active(given: Given, each: Dated) -> bool:
    """Active unless the source says that it is over, was refuted, or has ended."""
    resource = each.resource
    if codes(resource, "verificationStatus") & {"refuted", "entered-in-error"}:
        return False
    status = codes(resource, "clinicalStatus")
    if status:
        return not status & _OVER
    ended = "abatementString" in resource or child(resource, "abatementAge") or child(resource, "abatementPeriod")
    return not ended and not given.is_past(when(resource.get("abatementDateTime")))


def _is_listed(standing: Sequence[Dated]) -> bool:
    return any("problem-list-item" in codes(each.resource, "category") for each in standing)


def _is_new(given: Given, each: Dated) -> bool:
    recorded = when(each.resource.get("recordedDate")) or each.when
    moments = [moment.low for moment in (recorded, each.when) if moment]
    return bool(moments) and given.now - min(moments) < _NEW_FOR


def _disagrees(each: Dated, standing: Sequence[Dated]) -> bool:
    """Another organisation calls it over, and nobody says that it began again since."""
    if any(each.item.organisation == other.item.organisation for other in standing):
        return False
    ended = when(each.resource.get("abatementDateTime")) or each.when
    return ended is None or any(other.when is None or other.when.low < ended.high for other in standing)


def _over(each: Dated) -> str:
    status = sorted(codes(each.resource, "clinicalStatus") & _OVER)
    word = "refuted" if codes(each.resource, "verificationStatus") & {"refuted"} else next(iter(status), "ended")
    ended = when(each.resource.get("abatementDateTime"))
    return f"{word} {ended.text}" if ended else string(each.resource, "abatementString") or word
