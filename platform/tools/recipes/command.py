"""How the recipes' programs run others, and how they end."""

import subprocess
import sys
from pathlib import Path
from typing import Callable


class Refused(Exception):
    """Why a program does not begin: what the caller can change."""


class Failed(Exception):
    """A command has failed, and has shown why; carries its exit status."""

    def __init__(self, status: int):
        super().__init__(f"exit status {status}")
        self.status = status


def run(folder: Path, *command: str, **options) -> None:
    """Runs a command in a folder, with its output shown."""
    try:
        status = subprocess.run(command, cwd=folder, check=False, **options).returncode
    except FileNotFoundError:
        raise Refused(f"`{command[0]}` is not installed") from None
    if status:
        raise Failed(status if status > 0 else 128 - status)


def exit_with(main: Callable[[list[str]], None]) -> None:
    """Ends the process as `main` ends: 2 if it refuses to begin, the status of the command that failed, else 0."""
    try:
        main(sys.argv[1:])
    except Refused as refused:
        print(refused, file=sys.stderr)
        sys.exit(2)
    except Failed as failed:
        sys.exit(failed.status)
