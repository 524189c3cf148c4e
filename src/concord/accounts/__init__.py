"""Who is asking: users, bearer tokens, sessions, sign-in links.

Promises: a secret is kept only as a keyed hash, works until it ends and not a moment longer, and stops at once when
its user is no longer active. Refuses: saying what anyone may see, and signing in from a list outside a demo.
"""

from concord.accounts.accounts import SESSION_IDLE, SESSION_LIFE, Accounts
from concord.accounts.asking import Session, User, viewer_of

__all__ = ["SESSION_IDLE", "SESSION_LIFE", "Accounts", "Session", "User", "viewer_of"]
