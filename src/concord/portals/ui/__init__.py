"""The design system once, for every portal: style sheets, layout, macros, words, forms, error pages.

Promises: pages that need no script, the same headers on each, style sheets under names that never lie, forms that
only our own pages can send. Refuses: knowing anything about a person.
"""

from concord.portals.ui.assets import Assets, load_assets
from concord.portals.ui.errors import FAULT, NOT_ALLOWED_METHOD, NOT_FOUND, Problem, problem_of
from concord.portals.ui.forms import (
    LARGEST_FORM,
    TOKEN_FIELD,
    check_form,
    cookie,
    drop_cookie,
    form_token,
    read_form,
    set_cookie,
)
from concord.portals.ui.pages import Pages

__all__ = [
    "FAULT",
    "LARGEST_FORM",
    "NOT_ALLOWED_METHOD",
    "NOT_FOUND",
    "TOKEN_FIELD",
    "Assets",
    "Pages",
    "Problem",
    "check_form",
    "cookie",
    "drop_cookie",
    "form_token",
    "load_assets",
    "problem_of",
    "read_form",
    "set_cookie",
]
