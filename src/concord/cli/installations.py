"""Making an installation."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from concord.accounts import User
from concord.app import compose_installation
from concord.base import OdsCode, SystemClock, SystemIds
from concord.cli.demo import fill
from concord.cli.policy_files import write_policy
from concord.cli.signing_keys import keep_keys, sign_all, signatories_file
from concord.cli.terminal import named_database, out
from concord.governance import PolicyFiles
from concord.governance.agreements import SigningKey, read_policy
from concord.installation import create, move_in, refuse_taken
from concord.terminology import HEADINGS, Heading

_DIRECTORY = """\
# The organisations of this care system. Change it, then: concord agreements load
organisations:
  - {{code: {code}, name: {code}, short: GP, kind: gp-practice}}
"""
_AGREEMENT = """\
# The first agreement: the organisation's own clinicians see what it contributed of the people registered with it.
agreement: own-record
title: Our own record
version: 1
purpose: direct-care
lawful_basis: {{gdpr: [6(1)(e), 9(2)(h)], confidence: [implied-consent]}}
in_force: {{from: 2020-01-01, review: 2099-01-01, until: 2099-12-31}}
parties: {{us: [{code}]}}
clauses:
  - id: our-clinicians-see-our-record
    from: {{organisations: us}}
    shares: [{headings}]
    with: {{organisations: us, roles: [doctor, gp, nurse, practice-nurse]}}
    when: [registered, attending, inpatient, on-caseload, care-team]
"""
_KEYS = """\
The key with which {code} signed its first agreement, so that there is something to begin with. Before real use move it
to its signatory, or revoke it in signatories.yaml and register one that was made where they sign:
concord agreements keys new
"""


def init(
    directory: Annotated[Path, typer.Argument(help="The folder to make.")],
    organisation: Annotated[str, typer.Option(help="ODS code of its first organisation.")] = "ZZZ01",
    demo: Annotated[bool, typer.Option("--demo", help="Fill it with Northfield, a synthetic care system.")] = False,
    people: Annotated[int, typer.Option(help="How many synthetic people the demo has.", min=40)] = 300,
) -> None:
    """Make an installation: one organisation and its administrator, ready to load; or the demo."""
    if demo:
        fill(directory, people)
        return
    code = OdsCode(organisation)
    key, today = SigningKey.new(code, "Administrator"), SystemClock().now().date()
    files = starter_policy(code, signatories_file([key], today))
    read_policy(files)  # a code that is none is refused before anything is made
    refuse_taken(directory)
    making = directory / ".making"
    shutil.rmtree(making, ignore_errors=True)  # of an earlier try that was cut short
    app = compose_installation(create(making, organisation=code, database=named_database()), SystemIds())
    try:
        app.publish(files)
        sign_all(app, [key], on=today)
        app.accounts.add_user(
            User(
                user="admin",
                name="Administrator",
                title="Administrator",
                staff_id="admin",
                organisation=code,
                service=None,
                role="administrator",
                teams=frozenset(),
                active=True,
            )
        )
    finally:
        app.close()
    write_policy(making, files)
    keep_keys(making, [key], _KEYS.format(code=code))
    move_in(making, directory)
    out.print(f"Made {directory}: organisation {code}, its administrator [bold]admin[/], and a first agreement.")
    out.print(f"Next: concord load --data {directory} --organisation {code} FILES")


def starter_policy(code: OdsCode, signatories: str = "") -> PolicyFiles:
    """The policy of a new installation: one practice, which shares its record with its own clinicians."""
    headings = ", ".join(heading for heading in HEADINGS if heading is not Heading.UNCLASSIFIED)
    return PolicyFiles(
        directory=_DIRECTORY.format(code=code),
        agreements={"own-record.yaml": _AGREEMENT.format(code=code, headings=headings)},
        signatories=signatories,
    )
