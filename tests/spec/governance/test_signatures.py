"""Which statements are taken in, and why others are not; from when to when a signature counts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from concord.app import App
from concord.base import Incorrect, OdsCode
from concord.governance import Intent, StatementRefused, parse_agreement, read_signature, read_statement, stated
from concord.governance.agreements import Signed, SigningKey, read_policy
from concord.governance.signatures import signed_spans
from concord.governance.spans import is_within, start_of_day
from concord.store import body
from tests.signing import SIGNED_ON, counted, key_of, signed
from tests.small_system import AGREEMENT, POLICY, enforce, small_system
from tests.spec.governance.northfield import agreement

BY = "ig.lead"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The hospital and the community trust have signed; the practice has not."""
    with small_system(tmp_path, signed_by=("ZZA", "ZZC")) as app:
        yield app


def statement(app: App, party: str = "ZZP01", intent: Intent = Intent.SIGN) -> str:
    return app.signing.statement("direct-care", 1, OdsCode(party), intent=intent, from_on=SIGNED_ON)


def by(key: SigningKey, text: str, on: date = SIGNED_ON) -> str:
    return key.sign(read_statement(text), signed_on=on)


def stolen(app: App) -> str:
    """What the hospital's key makes of the practice's statement."""
    forged = replace(read_statement(statement(app)), party=OdsCode("ZZA"))
    return by(key_of("ZZA"), _text(app, forged.party)).replace("party: ZZA", "party: ZZP01")


def _text(app: App, party: str) -> str:
    return app.signing.statement("direct-care", 1, OdsCode(party), from_on=SIGNED_ON)


def another_organisations_key(app: App) -> str:
    """Signed with the hospital's key in the practice's name, as whoever holds that key could."""
    key = replace(key_of("ZZA"), organisation=OdsCode("ZZP01"))
    return by(key, statement(app))


def of_another_version(app: App) -> str:
    text = statement(app).replace("version: 1", "version: 2").replace("version 1 of", "version 2 of")
    return by(key_of("ZZP01"), text)


def of_another_hash(app: App) -> str:
    found = read_statement(statement(app))
    return by(key_of("ZZP01"), statement(app).replace(found.hash, "0" * 64))


def of_no_party(app: App) -> str:
    app.publish(replace(POLICY, agreements={"direct-care.yaml": _without_community()}))
    text = statement(app).replace("ZZP01", "ZZC")
    return by(key_of("ZZC"), text)


def _without_community() -> str:
    start = AGREEMENT.index("  - id: community-sees-gp-core")
    end = AGREEMENT.index("  - id: practice-sees-its-own")
    return (AGREEMENT[:start] + AGREEMENT[end:]).replace(", community: [ZZC]", "")


def twice(app: App) -> str:
    text = by(key_of("ZZP01"), statement(app))
    app.signing.receive(text, by=BY)
    return text


def replayed(app: App) -> str:
    """The signature that was there before it was taken back."""
    text = twice(app)
    app.signing.receive(signed(app, "ZZP01", "direct-care", intent=Intent.WITHDRAW), by=BY)
    return text


def revoked(app: App) -> str:
    """A thief can date a statement back; it still comes when it comes."""
    text = by(key_of("ZZP01"), statement(app))
    enforce_with(app, "revoked: 2026-11-22")
    return text


def too_late(app: App) -> str:
    text = by(key_of("ZZP01"), statement(app), on=date(2026, 6, 1))
    enforce_with(app, "until: 2026-05-31")
    return text


def enforce_with(app: App, what: str) -> None:
    row = key_of("ZZP01").signatory_row(SIGNED_ON)
    app.publish(replace(POLICY, signatories=POLICY.signatories.replace(row, row.replace("}", f", {what}}}"))))


# What comes | why it is refused | what is said
REFUSED: list[tuple[Callable[[App], str], str, str]] = [
    (lambda app: "", "form", "no statement"),
    (lambda app: "Concord agreement statement 1\n", "form", "needs the lines"),
    (statement, "form", "needs the lines agreement, title, version, hash"),
    (lambda app: by(key_of("ZZP01"), statement(app)).replace("2026-01-01", "2026-13-01"), "form", "a date must be"),
    (lambda app: by(key_of("ZZP01"), statement(app)).replace("intent: sign", "intent: agree"), "form", "intent"),
    (
        lambda app: by(key_of("ZZP01"), statement(app)).replace("signs version", "reads version"),
        "form",
        "something else",
    ),
    (lambda app: by(key_of("ZZP01"), statement(app)).replace("Signatory", "Stranger"), "seal", "not that of this text"),
    (stolen, "form", "something else"),
    (lambda app: by(key_of("ZZP01", "Another Name"), statement(app)), "key", "not among the signatories"),
    (another_organisations_key, "organisation", "signs for another organisation than ZZP01"),
    (lambda app: by(replace(key_of("ZZP01"), name="Another"), statement(app)), "name", "under another name"),
    (lambda app: by(key_of("ZZP01"), statement(app), on=date(2025, 12, 31)), "date", "outside the days"),
    (too_late, "date", "outside the days"),
    (revoked, "revoked", "revoked before the statement came"),
    (of_another_version, "version", "not published here. Published: version 1."),
    (of_another_hash, "hash", "not direct-care, version 1, as it is published here"),
    (of_no_party, "party", "ZZC is no party"),
    (twice, "number", "is number 2"),
    (replayed, "number", "is number 3"),
    (lambda app: by(key_of("ZZP01"), statement(app, intent=Intent.SUSPEND)), "nothing", "no signature here"),
]


@pytest.mark.parametrize(("what", "reason", "told"), REFUSED)
def test_what_is_refused_and_why(app: App, what: Callable[[App], str], reason: str, told: str) -> None:
    text = what(app)
    before = app.signing.standings()
    with pytest.raises(StatementRefused) as refused:
        app.signing.receive(text, by=BY)
    assert refused.value.reason == reason
    assert told in refused.value.message
    assert app.signing.standings() == before
    assert [(row[0], row[1]) for row in audited(app)][-1] == ("refused", BY)


def audited(app: App) -> list[tuple[str, str]]:
    with app.store.reading() as reading:
        rows = reading.rows("SELECT outcome, who FROM audit WHERE action = 'sign' ORDER BY number")
    return [(row[0], row[1]) for row in rows]


# What the practice says, in turn, and from which day | where it stands on 22 November 2026
SIGN, SUSPEND, WITHDRAW = Intent.SIGN, Intent.SUSPEND, Intent.WITHDRAW
EARLIER, TODAY, LATER = date(2026, 1, 1), date(2026, 11, 22), date(2026, 11, 23)
STANDING = [
    ([], Signed.NOT_SIGNED),
    ([(SIGN, EARLIER)], Signed.SIGNED),
    ([(SIGN, TODAY)], Signed.SIGNED),
    ([(SIGN, LATER)], Signed.LATER),
    ([(SIGN, EARLIER), (SUSPEND, TODAY)], Signed.SUSPENDED),
    ([(SIGN, EARLIER), (SUSPEND, LATER)], Signed.SIGNED),
    ([(SIGN, EARLIER), (WITHDRAW, TODAY)], Signed.WITHDRAWN),
    ([(SIGN, EARLIER), (SUSPEND, EARLIER), (SIGN, TODAY)], Signed.SIGNED),
    ([(SIGN, EARLIER), (WITHDRAW, EARLIER), (SIGN, LATER)], Signed.LATER),
    ([(SIGN, EARLIER), (SUSPEND, TODAY), (WITHDRAW, LATER)], Signed.SUSPENDED),
]


@pytest.mark.parametrize(("said", "stands"), STANDING)
def test_where_a_party_stands(app: App, said: list[tuple[Intent, date]], stands: Signed) -> None:
    for intent, day in said:
        text = app.signing.statement("direct-care", 1, OdsCode("ZZP01"), intent=intent, from_on=day)
        app.signing.receive(by(key_of("ZZP01"), text), by=BY)
    (state,) = app.signing.standings()
    (practice,) = [party for party in state.parties if party.party == "ZZP01"]
    assert practice.signed is stands
    assert [each.number for each in practice.statements] == [number for number, _ in enumerate(said, 1)]
    assert practice.gives_to == (2 if stands is Signed.SIGNED else 0)
    assert (practice.signature is not None) == (stands in (Signed.SIGNED, Signed.LATER))


# The days on which each statement acts, in the order in which they were made | the days on which the signature counts
SPANS = [
    ([(SIGN, 3)], range(3, 10)),
    ([(SIGN, 3), (SUSPEND, 6)], range(3, 6)),
    ([(SIGN, 3), (SUSPEND, 6), (SIGN, 8)], [3, 4, 5, 8, 9]),
    ([(SIGN, 3), (SUSPEND, 6), (SIGN, 5)], range(3, 10)),
    ([(SIGN, 6), (WITHDRAW, 3)], []),
    ([(SIGN, 3), (WITHDRAW, 3)], []),
]


@pytest.mark.parametrize(("said", "counts"), SPANS)
def test_the_last_word_counts_from_its_day_on(said: list[tuple[Intent, int]], counts: list[int]) -> None:
    made = [
        counted(agreement(), "ZZA", number=number, intent=intent, from_on=date(2026, 3, day))
        for number, (intent, day) in enumerate(said, 1)
    ]
    spans = signed_spans(reversed(made))
    assert [day for day in range(1, 10) if is_within(spans, start_of_day(date(2026, 3, day)))] == list(counts)
    assert len(spans) == len({day for day in counts if day - 1 not in counts})


def test_a_statement_is_read_by_people(app: App) -> None:
    text = by(key_of("ZZP01", "Dr A Practice, Caldicott guardian"), statement(app), on=date(2026, 3, 28))
    lines = text.splitlines()
    assert lines[:8] == [
        "Concord agreement statement 1",
        "",
        'ZZP01 signs version 1 of the agreement "Direct care" and shares by it from 1 January 2026.',
        "",
        "agreement: direct-care",
        "title: Direct care",
        "version: 1",
        f"hash: {app.signing.standings()[0].agreement.digest}",
    ]
    assert lines[-4:-2] == ["signatory: Dr A Practice, Caldicott guardian", "signed-on: 2026-03-28"]


def test_what_a_mail_does_to_a_statement_does_it_no_harm(app: App) -> None:
    text = by(key_of("ZZP01"), statement(app))
    assert read_signature("\ufeff" + text.replace("\n", "  \r\n") + "\r\n") == read_signature(text)


def test_a_key_is_kept_as_text_and_signs_for_its_own_organisation_alone(app: App) -> None:
    key = key_of("ZZP01", 'Dr "A" \\ Practice: # guardian')
    assert SigningKey.parse(key.text, filename="a.key") == key
    assert key.private.hex() not in repr(key)
    with pytest.raises(Incorrect, match="signs for ZZP01, and the statement is of ZZA"):
        key.sign(read_statement(statement(app, "ZZA")), signed_on=SIGNED_ON)
    with pytest.raises(Incorrect, match="one line"):
        key_of("ZZP01", "two\nlines")


def test_a_statement_that_is_changed_where_it_lies_counts_no_longer(app: App) -> None:
    text = by(key_of("ZZP01"), statement(app))
    with app.store.writing() as writing:  # put in by whoever holds the database, past the door
        row = ("direct-care", 1, "ZZP01", 1, body.microseconds(app.clock.now()), text.replace("number: 1", "number: 2"))
        writing.run(
            "INSERT INTO statement (agreement, version, party, turn, received_at, content) VALUES (?,?,?,?,?,?)", row
        )
    (state,) = app.signing.standings()
    assert {party.party: party.signed for party in state.parties}[OdsCode("ZZP01")] is Signed.NOT_SIGNED


def test_a_key_that_is_revoked_takes_what_came_since_with_it(app: App) -> None:
    app.signing.receive(by(key_of("ZZP01"), statement(app)), by=BY)
    enforce_with(app, "revoked: 2026-11-23")
    assert "ZZP01" in standing_now(app, Signed.SIGNED)
    enforce_with(app, "revoked: 2026-11-22")
    assert "ZZP01" in standing_now(app, Signed.NOT_SIGNED)


def test_a_new_version_takes_over_when_it_is_published_with_its_signatures(app: App) -> None:
    second = AGREEMENT.replace("version: 1", "version: 2").replace("14d", "15d")
    files = replace(POLICY, agreements={"direct-care.yaml": second})
    drafted = parse_agreement(second, filename="a.yaml", directory=read_policy(files).directory)
    ahead = [
        key_of(each).sign(stated(drafted, OdsCode(each), intent=SIGN, from_on=EARLIER, number=1), signed_on=SIGNED_ON)
        for each in ("ZZA", "ZZC")
    ]
    for refused in (ahead[0], ahead[0].replace("ZZA", "ZZC")):  # before it is published; and one that is forged
        with pytest.raises(StatementRefused):
            app.signing.receive(refused, by=BY)
    with pytest.raises(StatementRefused):
        app.signing.publish(files, [*ahead, ahead[1]], by=BY)
    assert app.published() == POLICY
    assert standing_now(app, Signed.SIGNED) == {"ZZA", "ZZC"}
    app.signing.publish(files, ahead, by=BY)
    (state,) = app.signing.standings()
    assert (state.agreement.version, standing_now(app, Signed.SIGNED)) == (2, {"ZZA", "ZZC"})
    assert audited(app)[-5:] == [("refused", BY)] * 3 + [("done", BY)] * 2


def test_a_text_that_is_changed_has_to_be_signed_anew(app: App) -> None:
    enforce(app, replace(POLICY, agreements={"direct-care.yaml": f"# laid out anew\n\n{AGREEMENT}"}), signed_by=())
    assert standing_now(app, Signed.SIGNED) == {"ZZA", "ZZC"}
    enforce(app, replace(POLICY, agreements={"direct-care.yaml": AGREEMENT.replace("14d", "15d")}), signed_by=())
    assert standing_now(app, Signed.SIGNED) == set()


def standing_now(app: App, which: Signed) -> set[str]:
    (state,) = app.signing.standings()
    return {party.party for party in state.parties if party.signed is which}
