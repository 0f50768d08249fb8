"""Shows that new services build and pass, with an event and without, and that removing them leaves nothing.

    python3 platform/tools/new-service/birth/build.py

It works on a copy of this working tree, always in the same place, so that what it compiles replaces what it compiled last.
There it runs what a team would: the check of the service, the lints of the event types.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from checkout import NAME, OTHER, commit, status
from model import ROOT

COPY = Path(tempfile.gettempdir()) / f"oms-born-{os.getuid()}" / str(zlib.crc32(str(ROOT).encode()))
# As the Justfile has it, so that the other dependencies are not compiled again.
os.environ.setdefault("CARGO_TARGET_DIR", str(ROOT / "target"))


def main() -> int:
    try:
        copy()
        for event in ([], ["--publishes", OTHER.event]):
            check(event)
    except subprocess.CalledProcessError as failed:
        print(f"── failed: {' '.join(failed.cmd)}; the copy is in {COPY}", file=sys.stderr)
        return 1
    if status(COPY):
        print(f"── a service that was made and removed has left something in {COPY}:\n{status(COPY)}", file=sys.stderr)
        return 1
    shutil.rmtree(COPY)
    return 0


def copy() -> None:
    """The files that Git knows or would add, as they are now, in a repository of their own."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True, mode=0o700)
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)
    commit(COPY)


def check(event: list[str]) -> None:
    print(f"── a new service {' '.join(event) or 'without an event'}", file=sys.stderr, flush=True)
    run(".", sys.executable, "platform/tools/new-service/birth/create.py", NAME, *event)
    if event:
        run(".", "just", "pin-events", NAME)
    run(".", sys.executable, "platform/tools/recipes/projects.py", "check", f"services/{NAME}")
    run("contracts", "cargo", "fmt", "--check")
    run("contracts", "cargo", "clippy", "--quiet", "--locked", "--", "-D", "warnings")
    run(".", sys.executable, "platform/tools/new-service/birth/remove.py", NAME)


def run(folder: str, *command: str) -> None:
    subprocess.run(command, cwd=COPY / folder, check=True)


if __name__ == "__main__":
    sys.exit(main())
