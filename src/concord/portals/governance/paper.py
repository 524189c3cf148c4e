"""A page of governance's as a file for a browser or a printer."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from concord.governance.agreements import Page

_TEMPLATES = [Path(__file__).parent / "templates", Path(__file__).parents[1] / "ui" / "templates"]


def on_paper(pages: Sequence[Page]) -> str:
    """HTML that needs no other file: no script, no picture, nothing from a network."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("paper.jinja").render(pages=pages)
