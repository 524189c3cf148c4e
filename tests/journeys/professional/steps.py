"""The sentences that journeys are told in: what someone at a screen has, does and sees."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Served

NO_AXE: Callable[[Page], None] = lambda page: None  # noqa: E731 - for screens on which no script runs


@dataclass(frozen=True)
class Desk:
    """Someone before a screen. Every page that they come to is looked over by `axe`."""

    page: Page
    northfield: Served
    axe: Callable[[Page], None] = NO_AXE
    sessions: dict[str, Sequence[Any]] = field(default_factory=dict)  # of those who signed in before: their cookies

    # -- given ---------------------------------------------------------------------------------------------------------

    def given_i_am(self, name: str) -> "Desk":
        """Signed in, at the page that one begins with."""
        self.page.context.clear_cookies()
        if name in self.sessions:
            self.page.context.add_cookies(self.sessions[name])
            self._to_the_search()
        else:
            self._sign_in(name)
        expect(self.page.locator(".c-who")).to_contain_text(name)
        return self

    def given_i_sign_out(self) -> "Desk":
        self.sessions.clear()
        self.press(self.page.get_by_role("button", name="Sign out"))
        return self

    def _sign_in(self, name: str) -> None:
        self.page.goto(f"{self.northfield.url}/sign-in")
        expect(self.page).to_have_title("Sign in - Concord")
        self.axe(self.page)
        self.press(self.page.get_by_role("button", name=name, exact=True))
        expect(
            self.page.get_by_role("heading", name=re.compile("Find a person|Agreements|Whose records|Feeds"), level=1)
        ).to_be_visible()
        self.axe(self.page)
        self.sessions[name] = self.page.context.cookies()

    # -- when ----------------------------------------------------------------------------------------------------------

    def when_i_find_the_number(self, number: str) -> "Desk":
        self._to_the_search()
        self.page.get_by_label("NHS number").fill(number)
        return self._find()

    def when_i_find(self, family: str, given: str, born: str) -> "Desk":
        self._to_the_search()
        self.page.get_by_label("Family name").fill(family)
        self.page.get_by_label("First name").fill(given)
        self.page.get_by_label("Date of birth").fill(born)
        return self._find()

    def when_i_open(self, words: str) -> "Desk":
        """Open the record of the one among those found whose row says this."""
        self.press(self.page.locator(".c-hit").filter(has_text=words).get_by_role("link"))
        self.axe(self.page)
        return self

    def when_i_open_the_number(self, number: str) -> "Desk":
        self.when_i_find_the_number(number)
        self.press(self.page.locator(".c-hit").first.get_by_role("link"))
        self.axe(self.page)
        return self

    def press(self, what: Locator) -> None:
        """Press what leads to another page, and wait until that page is there."""
        with self.page.expect_navigation():
            what.click()

    def when_i_take_from_my_list(self, name: str) -> "Desk":
        self._to_the_search()
        self.press(self.page.get_by_role("link", name=name, exact=True))
        self.axe(self.page)
        return self

    def when_i_choose_the_list(self, title: str) -> "Desk":
        self._to_the_search()
        self.press(self.page.get_by_role("link", name=re.compile(rf"^(✓ )?{title} \d+$")))
        self.axe(self.page)
        return self

    # -- then ----------------------------------------------------------------------------------------------------------

    def then_the_banner_says(self, *words: str) -> "Desk":
        banner = self.page.get_by_role("region", name="Whose record this is")
        for each in words:
            expect(banner).to_contain_text(each)
        return self

    def then_i_see(self, *words: str) -> "Desk":
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each, ignore_case=True)
        return self

    def then_i_do_not_see(self, *words: str) -> "Desk":
        text = self.page.content().lower()
        assert [each for each in words if each.lower() in text] == []
        return self

    def then_nothing_is_said_to_be_withheld(self) -> "Desk":
        assert "withheld" not in self.page.content().lower()
        return self

    def then_the_card_says(self, title: str, *words: str) -> "Desk":
        for each in words:
            expect(self.card(title)).to_contain_text(each)
        return self

    def then_the_cards_are(self, *titles: str) -> "Desk":
        for title in titles:
            expect(self.card(title)).to_be_visible()
        return self

    def then_there_is_no_card(self, *titles: str) -> "Desk":
        for title in titles:
            expect(self.card(title)).to_have_count(0)
        return self

    def then_the_record_is_shut(self, *because: str) -> "Desk":
        expect(self.page.get_by_role("heading", name="You cannot open this record now", level=1)).to_be_visible()
        return self.then_i_see("What you can do", *because)

    def then_nobody_is_found(self) -> "Desk":
        return self.then_i_see("There is nobody you can open with these details.")

    # -- what stands on the page ---------------------------------------------------------------------------------------

    def card(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=title, exact=True)

    def _to_the_search(self) -> None:
        self.page.goto(f"{self.northfield.url}/")

    def _find(self) -> "Desk":
        self.press(self.page.get_by_role("button", name="Find", exact=True))
        self.axe(self.page)
        return self
