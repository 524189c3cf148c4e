"""The files of a policy as they lie in an installation's folder."""

from pathlib import Path

from concord.governance import PolicyFiles


def read_policy_files(directory: Path) -> PolicyFiles:
    """The directory, agreements and signatures that lie in an installation's folder, as texts."""
    agreements = directory / "agreements"
    signatures = agreements / "signatures"
    return PolicyFiles(
        directory=(directory / "organisations.yaml").read_text(encoding="utf-8"),
        agreements={path.name: path.read_text(encoding="utf-8") for path in sorted(agreements.glob("*.yaml"))},
        signatures=signatures.read_text(encoding="utf-8") if signatures.exists() else "",
    )


def write_policy(directory: Path, files: PolicyFiles) -> None:
    """The reverse."""
    (directory / "agreements").mkdir(exist_ok=True)
    (directory / "organisations.yaml").write_text(files.directory, encoding="utf-8")
    (directory / "agreements" / "signatures").write_text(files.signatures, encoding="utf-8")
    for name, text in files.agreements.items():
        (directory / "agreements" / name).write_text(text, encoding="utf-8")
