"""Who is asking: tokens, sessions and links work until they end, and not a moment longer."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from concord.accounts import SESSION_IDLE, SESSION_LIFE, Accounts, User
from concord.base import (
    Conflict,
    FixedClock,
    Forbidden,
    Incorrect,
    Keys,
    NotFound,
    OdsCode,
    SystemIds,
    Unauthenticated,
)
from concord.governance import SourceSystem, Viewer
from concord.store import SqliteStore
from tests.unit.audit.writers import audit_writer

NINE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
EVE = User(
    user="e.doctor",
    name="Eve Doctor",
    title="Registrar, emergency medicine",
    staff_id="555000111222",
    organisation=OdsCode("ZZA"),
    service=None,
    role="doctor",
    teams=frozenset({"virtual ward", "frailty-2"}),
)
EVE_ASKS = Viewer(
    user="e.doctor",
    name="Eve Doctor",
    title="Registrar, emergency medicine",
    staff_id="555000111222",
    organisation=OdsCode("ZZA"),
    service=None,
    role="doctor",
    teams=frozenset({"virtual ward", "frailty-2"}),
    purpose="direct-care",
)
EVE_AT_A_SCREEN = replace(EVE_ASKS, with_overrides=True)


class Desk:
    """Accounts over a file, a clock that stands still, and what another process would see."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FixedClock(NINE)
        self.store = SqliteStore(path)
        self.audit = audit_writer(self.store)
        self.accounts = self.opened(demo=False)
        self.accounts.add_user(EVE)

    def opened(self, *, demo: bool, key: bytes = b"k" * 32) -> Accounts:
        return Accounts(self.store, self.clock, SystemIds(), Keys(key), self.audit, demo=demo)

    def later(self, span: timedelta) -> None:
        self.clock.instant += span

    def audited(self) -> list[tuple[str, str]]:
        with self.store.reading() as reading:
            return [(action, who) for action, who in reading.rows("SELECT action, who FROM audit ORDER BY number")]

    def everything_kept(self) -> str:
        self.store.checkpoint()
        return self.path.read_bytes().decode("latin-1")

    def close(self) -> None:
        self.audit.close()
        self.store.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "concord.db")
    yield desk
    desk.close()


# -- users -----------------------------------------------------------------------------------------------------------


def test_users_are_kept_as_they_are(desk: Desk) -> None:
    desk.accounts.add_user(replace(EVE, user="a.nurse", service="ward-7", teams=frozenset()))
    assert [user.user for user in desk.accounts.users()] == ["a.nurse", "e.doctor"]
    assert desk.accounts.user("e.doctor") == EVE
    assert desk.accounts.user("a.nurse").service == "ward-7"
    with pytest.raises(NotFound):
        desk.accounts.user("nobody")


def test_a_name_is_given_once(desk: Desk) -> None:
    with pytest.raises(Conflict):
        desk.accounts.add_user(replace(EVE, name="Another Eve"))
    assert desk.accounts.user("e.doctor").name == "Eve Doctor"


@pytest.mark.parametrize("wrong", [{"user": ""}, {"user": "a b\n"}, {"staff_id": " 1"}, {"role": "wizard"}])
def test_a_user_without_name_staff_id_or_known_role_is_refused(desk: Desk, wrong: dict[str, str]) -> None:
    with pytest.raises(Incorrect):
        desk.accounts.add_user(replace(EVE, **{"user": "new", **wrong}))  # type: ignore[arg-type]  # a field is a field
    assert len(desk.accounts.users()) == 1


# -- bearer tokens ---------------------------------------------------------------------------------------------------


def test_a_users_token_stands_for_the_user_with_a_purpose(desk: Desk) -> None:
    token = desk.accounts.issue_user_token("e.doctor", "direct-care", HOUR)
    assert token.startswith("concord_")
    assert desk.accounts.asker(token) == EVE_ASKS


def test_a_system_token_stands_for_the_organisations_system(desk: Desk) -> None:
    token = desk.accounts.issue_system_token(OdsCode("ZZP01"), HOUR)
    assert desk.accounts.asker(token) == SourceSystem(organisation=OdsCode("ZZP01"))


@pytest.mark.parametrize("code", ["TREAT", "BTG", "ETREAT", "direct-care"])
def test_codes_of_purpose_become_the_agreements_words(desk: Desk, code: str) -> None:
    asker = desk.accounts.asker(desk.accounts.issue_user_token("e.doctor", code, HOUR))
    assert isinstance(asker, Viewer)
    assert asker.purpose == "direct-care"


@pytest.mark.parametrize("purpose", ["", "HMARKT", "treat", "curiosity"])
def test_an_unknown_purpose_is_refused(desk: Desk, purpose: str) -> None:
    with pytest.raises(Incorrect):
        desk.accounts.issue_user_token("e.doctor", purpose, HOUR)


def test_a_token_works_until_it_ends(desk: Desk) -> None:
    token = desk.accounts.issue_user_token("e.doctor", "direct-care", HOUR)
    desk.later(HOUR - MOMENT)
    desk.accounts.asker(token)
    desk.later(MOMENT)
    with pytest.raises(Unauthenticated):
        desk.accounts.asker(token)


@pytest.mark.parametrize("span", [timedelta(), -HOUR, timedelta(days=367)])
def test_a_token_that_never_worked_or_never_ends_is_not_issued(desk: Desk, span: timedelta) -> None:
    with pytest.raises(Incorrect):
        desk.accounts.issue_user_token("e.doctor", "direct-care", span)
    with pytest.raises(Incorrect):
        desk.accounts.issue_system_token(OdsCode("ZZA"), span)


@pytest.mark.parametrize("token", ["", "concord_", "concord_" + "a" * 24, "x" * 10_000, "\x00", "é"])
def test_any_other_text_is_no_token(desk: Desk, token: str) -> None:
    desk.accounts.issue_user_token("e.doctor", "direct-care", HOUR)
    with pytest.raises(Unauthenticated):
        desk.accounts.asker(token)


def test_a_token_of_one_kind_is_none_of_another(desk: Desk) -> None:
    demo = desk.opened(demo=True)
    token, cookie = demo.issue_user_token("e.doctor", "direct-care", HOUR), demo.demo_sign_in("e.doctor")
    link = demo.sign_in_link("e.doctor")
    mistaken: list[tuple[str, Callable[[str], object]]] = [
        (cookie, demo.asker), (link, demo.asker), (token, demo.session), (link, demo.session),
        (token, demo.use_link), (cookie, demo.use_link),
    ]  # fmt: skip
    for secret, attempt in mistaken:
        with pytest.raises(Unauthenticated):
            attempt(secret)


def test_another_installation_honours_no_token_of_this_one(desk: Desk) -> None:
    token = desk.accounts.issue_user_token("e.doctor", "direct-care", HOUR)
    with pytest.raises(Unauthenticated):
        desk.opened(demo=False, key=b"o" * 32).asker(token)


def test_a_user_who_is_stopped_is_refused_at_once_and_may_come_back(desk: Desk) -> None:
    token, cookie = desk.accounts.issue_user_token("e.doctor", "TREAT", HOUR), desk.accounts.start_session("e.doctor")
    link = desk.accounts.sign_in_link("e.doctor")
    desk.opened(demo=False).set_active("e.doctor", active=False)
    uses: list[tuple[Callable[[str], object], str]] = [
        (desk.accounts.asker, token), (desk.accounts.session, cookie), (desk.accounts.use_link, link),
    ]  # fmt: skip
    for use, secret in uses:
        with pytest.raises(Unauthenticated):
            use(secret)
    starts: list[Callable[[str], object]] = [
        desk.accounts.start_session, desk.accounts.sign_in_link, desk.opened(demo=True).demo_sign_in,
        lambda user: desk.accounts.issue_user_token(user, "TREAT", HOUR),
    ]  # fmt: skip
    for start in starts:
        with pytest.raises(Forbidden):
            start("e.doctor")
    desk.accounts.set_active("e.doctor", active=True)
    assert desk.accounts.asker(token) == EVE_ASKS


def test_no_secret_is_kept(desk: Desk) -> None:
    token = desk.accounts.issue_user_token("e.doctor", "direct-care", HOUR)
    cookie, link = desk.accounts.start_session("e.doctor"), desk.accounts.sign_in_link("e.doctor")
    csrf = desk.accounts.session(cookie).csrf
    kept = desk.everything_kept()
    assert "e.doctor" in kept
    for secret in (token, token.removeprefix("concord_"), cookie, link, csrf):
        assert secret not in kept


# -- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_is_the_user_for_direct_care(desk: Desk) -> None:
    session = desk.accounts.session(desk.accounts.start_session("e.doctor"))
    assert session.viewer == EVE_AT_A_SCREEN


def test_each_session_has_a_secret_of_its_own_for_forms_and_keeps_it(desk: Desk) -> None:
    one, two = desk.accounts.start_session("e.doctor"), desk.accounts.start_session("e.doctor")
    assert desk.accounts.session(one).csrf == desk.opened(demo=False).session(one).csrf
    assert desk.accounts.session(one).csrf not in (desk.accounts.session(two).csrf, one)


def test_a_session_that_is_left_alone_ends_after_half_an_hour(desk: Desk) -> None:
    cookie = desk.accounts.start_session("e.doctor")
    desk.later(SESSION_IDLE - MOMENT)
    desk.accounts.session(cookie)
    desk.later(SESSION_IDLE - MOMENT)
    desk.accounts.session(cookie)
    desk.later(SESSION_IDLE)
    with pytest.raises(Unauthenticated):
        desk.accounts.session(cookie)


def test_use_is_noted_at_most_once_a_minute_and_never_too_generously(desk: Desk) -> None:
    cookie = desk.accounts.start_session("e.doctor")
    desk.later(timedelta(seconds=59))
    desk.accounts.session(cookie)
    desk.later(SESSION_IDLE - timedelta(seconds=59))
    with pytest.raises(Unauthenticated):
        desk.accounts.session(cookie)


def test_no_session_outlives_twelve_hours(desk: Desk) -> None:
    cookie = desk.accounts.start_session("e.doctor")
    for _ in range(12 * 4 - 1):
        desk.later(timedelta(minutes=15))
        desk.accounts.session(cookie)
    desk.later(timedelta(minutes=15))
    assert desk.clock.now() - NINE == SESSION_LIFE
    with pytest.raises(Unauthenticated):
        desk.accounts.session(cookie)


def test_signing_out_ends_the_session_everywhere(desk: Desk) -> None:
    cookie, other = desk.accounts.start_session("e.doctor"), desk.accounts.start_session("e.doctor")
    desk.accounts.end_session(cookie)
    desk.accounts.end_session(cookie)
    with pytest.raises(Unauthenticated):
        desk.opened(demo=False).session(cookie)
    assert desk.accounts.session(other).viewer == EVE_AT_A_SCREEN


# -- signing in ------------------------------------------------------------------------------------------------------


def test_choosing_a_user_from_a_list_works_in_a_demo_directory_only(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        desk.accounts.demo_sign_in("e.doctor")
    with pytest.raises(Forbidden):
        desk.accounts.demo_sign_in("nobody")
    demo = desk.opened(demo=True)
    assert demo.session(demo.demo_sign_in("e.doctor")).viewer == EVE_AT_A_SCREEN
    with pytest.raises(NotFound):
        demo.demo_sign_in("nobody")


def test_a_link_signs_in_once(desk: Desk) -> None:
    link = desk.accounts.sign_in_link("e.doctor")
    assert desk.accounts.session(desk.accounts.use_link(link)).viewer == EVE_AT_A_SCREEN
    with pytest.raises(Unauthenticated):
        desk.accounts.use_link(link)


def test_a_link_works_until_it_ends(desk: Desk) -> None:
    early, late = (desk.accounts.sign_in_link("e.doctor", timedelta(minutes=15)) for _ in range(2))
    desk.later(timedelta(minutes=15) - MOMENT)
    desk.accounts.use_link(early)
    desk.later(MOMENT)
    with pytest.raises(Unauthenticated):
        desk.accounts.use_link(late)


@pytest.mark.parametrize("span", [timedelta(minutes=15) - MOMENT, timedelta(hours=24) + MOMENT])
def test_a_link_lasts_from_a_quarter_of_an_hour_to_a_day(desk: Desk, span: timedelta) -> None:
    with pytest.raises(Incorrect):
        desk.accounts.sign_in_link("e.doctor", span)


# -- what stays behind -----------------------------------------------------------------------------------------------


def test_signing_in_and_out_and_tokens_are_audited(desk: Desk) -> None:
    desk.accounts.issue_user_token("e.doctor", "BTG", HOUR)
    desk.accounts.issue_system_token(OdsCode("ZZP01"), HOUR)
    cookie = desk.accounts.use_link(desk.accounts.sign_in_link("e.doctor"))
    desk.accounts.end_session(cookie)
    desk.accounts.end_session(cookie)
    assert desk.audited() == [
        ("issue-token", "e.doctor"), ("issue-token", "system:ZZP01"), ("sign-in", "e.doctor"), ("sign-out", "e.doctor"),
    ]  # fmt: skip


def test_what_has_ended_is_swept(desk: Desk) -> None:
    for _ in range(3):
        desk.accounts.issue_user_token("e.doctor", "TREAT", HOUR)
        desk.accounts.start_session("e.doctor")
        desk.accounts.sign_in_link("e.doctor")
        desk.later(timedelta(days=2))
    with desk.store.reading() as reading:
        counts = [reading.row(f"SELECT count(*) FROM account_{table}") for table in ("token", "session", "link")]
    assert counts == [(1,), (1,), (1,)]


def test_a_request_reads_by_primary_key(desk: Desk) -> None:
    token, cookie = desk.accounts.issue_user_token("e.doctor", "TREAT", HOUR), desk.accounts.start_session("e.doctor")
    asked: list[str] = []
    with desk.store.reading() as reading:
        reading._connection.set_trace_callback(asked.append)
        desk.accounts.asker(token)
        desk.accounts.session(cookie)
        reading._connection.set_trace_callback(None)
        plans = [row[3] for sql in asked for row in reading.rows(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(asked) == 2, "one statement each"
    assert len(plans) == 4
    assert all(plan.startswith("SEARCH") for plan in plans)
