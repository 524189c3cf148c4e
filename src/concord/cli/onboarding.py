"""Bringing an organisation on: a trial for testers, and going live."""

from typing import Annotated

import typer

from concord.cli.feeds import feed_of
from concord.cli.terminal import Data, err, opened, out

_TICKS = {"done": "x", "to do": " ", "left out": "-"}
Name = Annotated[str, typer.Argument(help="A feed of the organisation.")]


def trial(
    data: Data,
    name: Name,
    tester: Annotated[list[str], typer.Option(help="A user who sees what comes; may be repeated.")],
) -> None:
    """Let in what an organisation sends for named testers alone, or name its testers anew.

    To everybody else it is as if nothing had come. It acts on the next request.
    """
    feed = feed_of(data, name)
    with opened(data) as app:
        testers = [app.accounts.user(each).user for each in tester]
        app.records.trials.begin(feed.organisation, testers)
    out.print(f"{feed.organisation} is on trial. Who sees what it sends: {', '.join(sorted(testers))}.", markup=False)


def go_live(data: Data, name: Name) -> None:
    """End an organisation's trial: what it sent is in people's records for all whom agreements let see it.

    In portions, each from the next request on. Cut short, it goes on when it is run again.
    """
    feed = feed_of(data, name)
    with opened(data) as app, err.status("Linking") as status:
        apart = getattr(app.records.trials.of(feed.organisation), "apart", 0)
        linked = app.records.trials.go_live(
            feed.organisation, lambda done: status.update(f"Linking: {done:,} of {apart:,} Patients")
        )
    out.print(f"{feed.organisation} is live: {linked:,} of its Patients are linked now.", markup=False)


def onboard(data: Data, name: Name) -> None:
    """Say how far a feed has come on its way to its first day: each step ticked by what is held, or what to do."""
    with opened(data) as app:
        steps = app.onboarding.of(name)
    for step in steps:
        out.print(f"[{_TICKS[step.state]}] {step.says}. {step.told}", markup=False)
    left = sum(step.state == "to do" for step in steps)
    out.print(f"{left} of {len(steps)} steps are left." if left else "No step is left to do.")
