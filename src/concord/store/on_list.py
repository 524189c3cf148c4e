"""The queries over one viewer's list: from what is sought to the people on it, or from these to what is sought."""

from collections.abc import Sequence
from dataclasses import replace

from concord.store.face import Reading
from concord.store.listed import Held, Listed, Share
from concord.store.sought import ITEM, UNKNOWN, Query, Sought, Terms, Way, all_of, marks

_GUARDED = (
    "EXISTS (SELECT 1 FROM link l CROSS JOIN source_patient s ON s.home = l.home "
    "AND s.number = l.source_patient WHERE l.person = m.person AND (s.protected = 1 OR s.died_on IS NOT NULL "
    "OR s.nhs_number = ? "
    "OR s.nhs_number IN (SELECT o.nhs_number FROM source_patient o WHERE o.protected = 1 AND o.nhs_number IS NOT NULL) "
    "OR EXISTS (SELECT 1 FROM choice d WHERE d.home = l.home AND d.source_patient = l.source_patient) "
    "OR EXISTS (SELECT 1 FROM own_choice d WHERE d.nhs_number = s.nhs_number)"
)


class OnList:
    """The queries over one viewer's list."""

    def __init__(self, reading: Reading, of: Listed) -> None:
        self._reading = reading
        self._of = of
        self._held = list(dict.fromkeys(share.held for share in of.shares))

    def by_items(self, sought: Sought, by: Way) -> Query:
        """From the items to the people: whose they are, and whether those are on the list."""
        values: list[object] = []
        if by == "time":
            first, candidate = "item", "x.type = ? AND x.ends_at > ?"
            values += (self._number(sought.type), sought.since)
        else:
            first, every = "search_index", all_of(sought.under[0])
            candidate = f"x.value IN ({marks(every)})"
            values += every
            sought = replace(sought, under=sought.under[1:])
        terms = Terms(self._reading, sought, met="place")
        tables, on_list, listed_values = [], "", list[object]()
        if by == "index on list":
            listed, listed_values = self._listed()
            tables.append(f"listed AS MATERIALIZED ({listed})")
            # Joined last: of a condition on the link SQLite makes a look-up of each on the list for each row met.
            on_list = "CROSS JOIN listed m ON m.person = l.person "
        found = f"SELECT l.person, x.home, x.source_patient, x.item FROM {first} x"
        candidates = (
            f"{found} CROSS JOIN link l ON l.home = x.home AND l.source_patient = x.source_patient "
            f"{on_list}WHERE {candidate}"
        )
        if self._of.tested:  # of whom a trial says it: they are decided about alone, wherever it lies
            candidates += (
                f" UNION ALL {found} CROSS JOIN trial_patient p ON p.home = x.home AND p.source_patient = "
                f"x.source_patient AND p.contributor IN ({marks(self._of.tested)}) CROSS JOIN source_patient o "
                "ON o.nhs_number = p.nhs_number CROSS JOIN link l ON l.home = o.home AND l.source_patient = o.number "
                f"{on_list}WHERE {candidate}"
            )
            values += [*self._of.tested, *values]
        values = [*listed_values, *values]
        tables.append(f"candidate AS MATERIALIZED ({candidates})")
        standing, standing_values = self._standing("SELECT DISTINCT person FROM candidate")
        opens, opens_values = self._opens()
        open_item = (
            f"open_item AS MATERIALIZED (SELECT DISTINCT t.person, {ITEM} FROM candidate c CROSS JOIN standing t "
            f"ON t.person = c.person AND t.guarded = 0 CROSS JOIN {terms.first} CROSS JOIN source_patient s "
            f"ON s.home = i.home AND s.number = i.source_patient WHERE {terms.condition} AND ({opens}))"
        )
        return self._query([*tables, standing, open_item], [*values, *standing_values, *terms.values, *opens_values])

    def by_people(self, sought: Sought) -> Query:
        """From the people on the list to their items."""
        listed, values = self._listed()
        standing, standing_values = self._standing("SELECT person FROM listed")
        terms = Terms(self._reading, sought, met="source_patient")
        opens, opens_values = self._opens()
        open_item = (
            f"open_item AS MATERIALIZED (SELECT DISTINCT t.person, {ITEM} FROM standing t "
            "CROSS JOIN link l ON l.person = t.person AND t.guarded = 0 CROSS JOIN source_patient s ON s.home = l.home "
            f"AND s.number = l.source_patient CROSS JOIN {terms.first} WHERE {terms.condition} AND ({opens}))"
        )
        tables = [f"listed AS MATERIALIZED ({listed})", standing, open_item]
        return self._query(tables, [*values, *standing_values, *terms.values, *opens_values])

    def _listed(self) -> tuple[str, list[object]]:
        related, values = relationships(self._of)
        return (
            f"SELECT DISTINCT l.person FROM ({related}) f CROSS JOIN link l "
            "ON l.home = f.home AND l.source_patient = f.source_patient"
        ), values

    def _standing(self, people: str) -> tuple[str, list[object]]:
        """For those of the people whose relationships with the viewer meet a condition: which ones, and whether they
        are to be decided about alone."""
        met, met_values = self._met()
        viewers, viewers_values = self._viewers()
        guarded, guarded_values = self._guarded()
        names = [f"met_{number}" for number in range(len(self._held))]
        sql = (
            f"standing AS MATERIALIZED (SELECT m.person, {', '.join(f'm.{each}' for each in names)}, {guarded} "
            f"FROM (SELECT p.person, {met} FROM ({people}) p CROSS JOIN link l ON l.person = p.person "
            # Joined from the left, since SQLite would else read the whole table to make a filter of it.
            "LEFT JOIN relationship r ON r.home = l.home AND r.source_patient = l.source_patient "
            f"AND {viewers} GROUP BY p.person) m WHERE {' + '.join(f'm.{each}' for each in names)} > 0)"
        )
        return sql, [*guarded_values, *met_values, *viewers_values]

    def _guarded(self) -> tuple[str, list[object]]:
        """Whether a person `m` is to be decided about alone."""
        tested = self._of.tested
        on_trial = (
            " OR EXISTS (SELECT 1 FROM trial_patient p WHERE p.nhs_number = s.nhs_number "
            f"AND p.contributor IN ({marks(tested)}))"
        )
        sql = f"CASE WHEN {_GUARDED}{on_trial if tested else ''})) THEN 1 ELSE 0 END AS guarded"
        return sql, [self._of.nhs_number or "", *tested]  # the first is the viewer's own; nobody has none

    def _query(self, tables: Sequence[str], values: Sequence[object]) -> Query:
        alone = "SELECT t.person, NULL, NULL, NULL, '', NULL, 0, 0 FROM standing t WHERE t.guarded = 1"
        return Query(tables=tables, values=values, alone=alone)

    def _opens(self) -> tuple[str, list[object]]:
        """Whether item `i` of `s` is open by what its person, `t`, has met: as `Permitted` says of openings."""
        any_of, values = [], list[object]()
        for share in self._of.shares:
            any_of.append(
                f"(t.met_{self._held.index(share.held)} = 1 AND s.organisation = ? AND {_in_service(share)}"
                "((? >> i.heading) & 1) = 1 AND (i.labels & ~?) = 0)"
            )
            values.append(self._number(share.organisation))
            if share.service is not None:
                values.append(self._number(share.service))
            values += (share.headings, share.labels)
        return " OR ".join(any_of), values

    def _met(self) -> tuple[str, list[object]]:
        """A column for each set of conditions: whether a relationship `r` of the person meets one of them."""
        columns, values = [], list[object]()
        for number, some in enumerate(self._held):
            tests = []
            for held in some:
                text, bound = _meets(held, self._of.now)
                tests.append(text)
                values += bound
            columns.append(f"max(CASE WHEN {' OR '.join(tests)} THEN 1 ELSE 0 END) AS met_{number}")
        return ", ".join(columns), values

    def _viewers(self) -> tuple[str, list[object]]:
        """Whether a relationship `r` names the viewer: every narrowing that it makes must fit."""
        of = self._of
        teams = f" OR r.team IN ({','.join('?' * len(of.teams))})" if of.teams else ""
        sql = (
            f"(r.organisation IN ({marks(of.organisations)}) OR (r.organisation IS NULL AND r.holder = ?)) "
            "AND (r.service IS NULL OR r.service = ?) "
            f"AND (r.team IS NULL{teams}) AND (r.holder IS NULL OR r.holder = ?)"
        )
        return sql, [*of.organisations, of.staff_id, of.service or "", *of.teams, of.staff_id]

    def _number(self, word: str) -> int:
        return self._reading.words.number(self._reading, word) or UNKNOWN


def _in_service(share: Share) -> str:
    return "" if share.service is None else "i.service = ? AND "


def _meets(held: Held, now: int) -> tuple[str, list[object]]:
    """Whether relationship `r` is as `held` says; one that ends before it begins never is."""
    never = "r.ends_at < r.starts_at"
    kinds = f"r.kind IN ({','.join('?' * len(held.kinds))}) AND NOT coalesce({never}, FALSE)"
    if held.when == "ended":
        times, values = "r.ends_at <= ? AND r.ends_at > ?", [now, now - held.span]
    elif held.when == "near":
        times = "r.starts_at <= ? AND coalesce(r.ends_at, r.starts_at) > ?"
        values = [now + held.span, now - held.span]
    elif held.when == "claimed":
        times = "r.starts_at <= ? AND r.starts_at > ? AND (r.ends_at IS NULL OR r.ends_at > ?)"
        values = [now, now - held.span, now]
    else:
        times = "(r.starts_at IS NULL OR r.starts_at <= ?) AND (r.ends_at IS NULL OR r.ends_at > ?)"
        values = [now, now]
    whose = f" AND r.organisation IN ({marks(held.organisations)})" if held.organisations else ""
    return f"({kinds} AND {times}{whose})", [*held.kinds, *values, *held.organisations]


def relationships(of: Listed) -> tuple[str, list[object]]:
    """Source patients with a relationship of the viewer's that may hold still: as their indexes find them."""
    every = [held for share in of.shares for held in share.held]
    kinds = sorted({kind for held in every for kind in held.kinds})
    lately = of.now - max((held.span for held in every), default=0)
    of_kinds = f"kind IN ({marks(kinds)})"
    theirs = f"organisation IN ({marks(of.organisations)})"
    sql = " UNION ALL ".join(
        f"SELECT home, source_patient FROM relationship WHERE {whose} AND {of_kinds}"
        for whose in (f"{theirs} AND ends_at IS NULL", f"{theirs} AND ends_at > ?",
                      "holder = ? AND organisation IS NULL")
    )  # fmt: skip
    return sql, [*of.organisations, *kinds, *of.organisations, lately, *kinds, of.staff_id, *kinds]
