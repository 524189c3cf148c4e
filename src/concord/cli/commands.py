"""The commands, gathered."""

import sys
from typing import Annotated

import typer

from concord.base import ConcordError, Incorrect
from concord.cli import (
    access,
    agreement_documents,
    agreement_texts,
    agreement_trials,
    agreements,
    alerts,
    audits,
    demo,
    feeds,
    identities,
    installations,
    keeping,
    labels,
    link_review,
    listening,
    loading,
    onboarding,
    profiles,
    quality,
    quarantine,
    running,
    serving,
    signing,
    terminology,
    tracing,
)
from concord.cli.terminal import err, name_database
from concord.governance import Intent

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Concord: one record of a person's care, shared by agreement.",
)


@cli.callback()
def concord(
    database: Annotated[
        str | None,
        typer.Option(
            envvar="CONCORD_DATABASE",
            show_envvar=True,
            help="Address of the PostgreSQL database of an installation that has one: postgresql://user@host/name.",
        ),
    ] = None,
) -> None:
    name_database(database)


cli.command()(installations.init)
cli.command()(demo.demo)
cli.command()(serving.serve)
cli.command()(loading.load)
cli.command()(listening.listen)
cli.add_typer(feeds.feeds_cli, name="feed")
feeds.feeds_cli.command()(tracing.trace)
feeds.feeds_cli.command()(tracing.original)
feeds.feeds_cli.command()(running.run)
feeds.feeds_cli.command()(onboarding.onboard)
feeds.feeds_cli.command()(onboarding.trial)
feeds.feeds_cli.command("go-live")(onboarding.go_live)
cli.add_typer(quarantine.quarantine_cli, name="quarantine")
cli.command()(loading.review)
cli.command()(keeping.backup)
cli.command()(keeping.restore)
cli.command()(keeping.verify)
cli.command()(keeping.stats)
cli.command("open")(access.open_)
cli.command()(access.token)
cli.add_typer(access.users_cli, name="users")
cli.add_typer(profiles.profiles_cli, name="profiles")
cli.add_typer(audits.audit_cli, name="audit")
cli.add_typer(terminology.terminology_cli, name="terminology")
for command in (
    agreement_texts.check,
    agreement_texts.show,
    agreement_texts.promises,
    agreement_texts.compare,
    agreement_texts.explain,
    agreement_trials.simulate,
    agreement_documents.document,
    signing.statement,
    signing.receive,
    signing.verify_signature,
    signing.meaning,
    signing.verifier,
):
    agreements.agreements_cli.command()(command)
for intent in Intent:
    agreements.agreements_cli.command(intent.value)(signing.command_to(intent))
agreements.agreements_cli.add_typer(signing.keys_cli, name="keys")
cli.add_typer(agreements.agreements_cli, name="agreements")
cli.add_typer(agreements.organisations_cli, name="organisations")
identities.identity_cli.command()(link_review.held)
identities.identity_cli.command()(link_review.show)
identities.identity_cli.command()(link_review.link)
identities.identity_cli.command()(link_review.apart)
identities.identity_cli.command()(link_review.changes)
cli.add_typer(identities.identity_cli, name="identity")
cli.add_typer(alerts.alerts_cli, name="alerts")
cli.add_typer(labels.labels_cli, name="labels")
cli.add_typer(quality.quality_cli, name="quality")


def main() -> None:
    """Run the command line: an error in one sentence; exit 2 for a wrong use, 1 for all else."""
    try:
        cli()
    except ConcordError as error:
        err.print(f"concord: {error.message}", style="bold", markup=False)
        sys.exit(2 if isinstance(error, Incorrect) else 1)
    except BrokenPipeError:  # whoever read the output has gone
        sys.exit(1)
    except OSError as error:
        err.print(f"concord: {error.filename or 'input or output'}: {error.strerror}", style="bold", markup=False)
        sys.exit(1)
