"""Users, bearer tokens, sessions and sign-in links: each a secret of which only a keyed hash is kept."""

from datetime import timedelta
from typing import Literal

from concord.accounts.asking import Session, User, viewer_of
from concord.audit import AuditEvent, AuditWriter
from concord.base import Clock, Conflict, Forbidden, IdSource, Incorrect, Keys, NotFound, OdsCode, Unauthenticated
from concord.governance import OWN_ACCESS, PATIENT, Asker, SourceSystem, purpose_word, purposes, roles
from concord.store import Store, Writing, account_rows, body

PREFIX = "concord_"
LONGEST_TOKEN = timedelta(days=366)
SHORTEST_LINK, LONGEST_LINK = timedelta(minutes=15), timedelta(hours=24)
SESSION_IDLE = timedelta(minutes=30)
SESSION_LIFE = timedelta(hours=12)
SIGNED_IN_FOR = "direct-care"  # the purpose of whoever signs in to a portal at work

AuditAction = Literal["sign-in", "sign-out", "issue-token"]

_USE_NOTED_EVERY = timedelta(minutes=1)  # so that a page seldom writes; a session then ends early, never late
_NO_BEARER = "The bearer token is unknown or has expired. Ask for a new one with `concord token`."
_NO_SESSION = "You are not signed in, or your session has ended. Sign in again."
_NO_LINK = "This sign-in link is unknown, used or too old. Ask your administrator for a new one."


class Accounts:
    """Who is asking. All of it lies in rows: what one process writes, the others honour on their next request.

    `demo` says that this directory holds synthetic people and users only; `demo_sign_in` works nowhere else.
    """

    def __init__(
        self, store: Store, clock: Clock, ids: IdSource, keys: Keys, audit: AuditWriter, *, demo: bool = False
    ) -> None:
        self.demo = demo
        self._store = store
        self._clock = clock
        self._ids = ids
        self._keys = keys
        self._audit = audit

    # -- users -------------------------------------------------------------------------------------------------------

    def add_user(self, user: User) -> None:
        """Raises Conflict when the name is taken, Incorrect when something is missing or the role unknown."""
        for what, word in (("name to sign in with", user.user), ("name", user.name), ("staff id", user.staff_id)):
            if not word or word != word.strip() or not word.isprintable():
                raise Incorrect(f"A user needs a {what} without blanks around it.")
        if user.role not in roles():
            raise Incorrect(f"There is no role {user.role}. The roles are {', '.join(roles())}.")
        if user.role == PATIENT and user.nhs_number is None:
            raise Incorrect("A patient needs an NHS number: by it their own record is known.")
        with self._store.writing() as writing:
            added = account_rows.add_user(writing, user)
        if not added:
            raise Conflict(f"There is a user {user.user} already. Choose another name.")

    def users(self) -> list[User]:
        """All users, in order of the name they sign in with."""
        with self._store.reading() as reading:
            return account_rows.users(reading)

    def user(self, name: str) -> User:
        """Raises NotFound."""
        with self._store.reading() as reading:
            user = account_rows.user(reading, name)
        if user is None:
            raise _no_user(name)
        return user

    def set_active(self, name: str, active: bool) -> None:
        """Let a user ask, or stop them: tokens and sessions of one who is stopped are refused at once."""
        with self._store.writing() as writing:
            known = account_rows.set_active(writing, name, active)
        if not known:
            raise _no_user(name)

    # -- bearer tokens -----------------------------------------------------------------------------------------------

    def issue_user_token(self, user: str, purpose: str, for_: timedelta) -> str:
        """A token by which a program asks as `user`. `purpose` is a word of the agreements or a v3-PurposeOfUse code.

        Raises NotFound (user), Forbidden (user stopped), Incorrect (purpose, time).
        """
        word = purpose_word(purpose)
        if word is None:
            raise Incorrect(f"There is no purpose {purpose}. The purposes are {', '.join(purposes())}.")
        holder = self._active(user)
        if holder.role == PATIENT and word != OWN_ACCESS:
            raise Incorrect(f"A patient asks for {OWN_ACCESS}, and for nothing else.")
        token, hash_, ends_at = self._new_token(for_)
        now = self._now()
        with self._store.writing() as writing:
            account_rows.add_user_token(writing, hash_, user=holder.user, purpose=word, ends_at=ends_at, now=now)
            self._audit.append(writing, [self._event("issue-token", holder.user, purpose=word)])
        return token

    def issue_system_token(self, organisation: OdsCode, for_: timedelta) -> str:
        """A token by which an organisation's source system asks and writes. Raises Incorrect (time)."""
        token, hash_, ends_at = self._new_token(for_)
        now = self._now()
        with self._store.writing() as writing:
            account_rows.add_system_token(writing, hash_, organisation=organisation, ends_at=ends_at, now=now)
            self._audit.append(writing, [self._event("issue-token", f"system:{organisation}")])
        return token

    def asker(self, token: str) -> Asker:
        """Who holds the token, as they are now. One row is read. Raises Unauthenticated."""
        with self._store.reading() as reading:
            row = account_rows.token(reading, self._hash("bearer-token", token))
        if row is None or row.ends_at <= self._now():
            raise Unauthenticated(_NO_BEARER)
        if row.organisation is not None:
            return SourceSystem(organisation=row.organisation)
        if row.user is None or row.purpose is None or not row.user.active:
            raise Unauthenticated(_NO_BEARER)
        return viewer_of(row.user, row.purpose)

    # -- signing in --------------------------------------------------------------------------------------------------

    def sign_in_link(self, user: str, for_: timedelta = timedelta(hours=1)) -> str:
        """The secret of a link that signs `user` in once. Raises NotFound, Forbidden (stopped), Incorrect (time)."""
        if not SHORTEST_LINK <= for_ <= LONGEST_LINK:
            raise Incorrect("A sign-in link lasts from 15 minutes to 24 hours.")
        holder, secret, now = self._active(user), self._ids.fresh(), self._now()
        with self._store.writing() as writing:
            account_rows.add_link(
                writing, self._hash("sign-in-link", secret), user=holder.user, ends_at=now + _length(for_), now=now
            )
        return secret

    def use_link(self, secret: str) -> str:
        """Use a sign-in link up; the cookie of the session that it starts. Raises Unauthenticated."""
        with self._store.appending() as writing:
            holder = account_rows.spend_link(writing, self._hash("sign-in-link", secret), self._now())
            if holder is None:
                raise Unauthenticated(_NO_LINK)
            return self._start(writing, holder)

    def demo_sign_in(self, user: str) -> str:
        """Sign in as anyone, in a demo directory; the session's cookie. Raises Forbidden elsewhere, NotFound."""
        if not self.demo:
            raise Forbidden("Choosing a user from a list works in a demo directory only. Use your sign-in link.")
        return self.start_session(user)

    def start_session(self, user: str) -> str:
        """The cookie of a new session, for a caller that has made sure of who it is. Raises NotFound, Forbidden."""
        holder = self._active(user)
        with self._store.appending() as writing:
            return self._start(writing, holder)

    def session(self, cookie: str) -> Session:
        """The session of a cookie, and note that it is used (a row, once a minute). Raises Unauthenticated."""
        hash_, now = self._hash("session", cookie), self._now()
        with self._store.reading() as reading:
            row = account_rows.session(reading, hash_)
        if row is None or not row.user.active or now >= min(row.ends_at, row.seen_at + _length(SESSION_IDLE)):
            raise Unauthenticated(_NO_SESSION)
        if now - row.seen_at >= _length(_USE_NOTED_EVERY):
            with self._store.appending() as writing:
                account_rows.note_use(writing, hash_, now)
        return Session(viewer=viewer_of(row.user, row.purpose, with_overrides=True), csrf=self._hash("csrf", cookie))

    def end_session(self, cookie: str) -> None:
        """Sign out. Of what is no session nothing happens."""
        hash_ = self._hash("session", cookie)
        with self._store.writing() as writing:
            row = account_rows.session(writing, hash_)
            if row is not None:
                account_rows.end_session(writing, hash_)
                self._audit.append(writing, [self._event("sign-out", row.user.user)])

    # ----------------------------------------------------------------------------------------------------------------

    def _active(self, name: str) -> User:
        user = self.user(name)
        if not user.active:
            raise Forbidden(f"The user {name} has been stopped.")
        return user

    def _start(self, writing: Writing, user: User) -> str:
        cookie, now = self._ids.fresh(), self._now()
        purpose = OWN_ACCESS if user.role == PATIENT else SIGNED_IN_FOR
        account_rows.add_session(
            writing,
            self._hash("session", cookie),
            user=user.user,
            purpose=purpose,
            ends_at=now + _length(SESSION_LIFE),
            now=now,
        )
        self._audit.append(writing, [self._event("sign-in", user.user, purpose=purpose)])
        return cookie

    def _new_token(self, for_: timedelta) -> tuple[str, str, int]:
        """A token, its hash, when it ends."""
        if not timedelta() < for_ <= LONGEST_TOKEN:
            raise Incorrect("A token lasts up to 366 days.")
        token = PREFIX + self._ids.fresh()
        return token, self._hash("bearer-token", token), self._now() + _length(for_)

    def _event(self, action: AuditAction, who: str, **context: str) -> AuditEvent:
        return AuditEvent(at=self._clock.now(), action=action, outcome="done", who=who, context=context)

    def _hash(self, purpose: str, secret: str) -> str:
        return self._keys.hashed(purpose, secret, size=32).hex()

    def _now(self) -> int:
        return body.microseconds(self._clock.now())


def _length(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _no_user(name: str) -> NotFound:
    return NotFound(f"There is no user {name}. `concord users` lists them.")
