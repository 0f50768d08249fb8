"""Holds the repository itself to its habits: manifests, recipes, documents, races, replacements, the architecture picture."""

import sys
from pathlib import Path
from typing import Iterator

from . import commands, documents, manifests, picture, races, recipes, replacements
from .model import Finding, Repository

CHECKS = (manifests, recipes, documents, commands, races, replacements, picture)


def findings(root: Path) -> Iterator[Finding]:
    repository = Repository(root)
    for module in CHECKS:
        yield from module.check(repository)


def main(root: Path) -> int:
    """Prints each finding with its file and line, and returns the exit status."""
    found = sorted(findings(root))
    print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
    print(f"repository: {len(found)} finding{'' if len(found) == 1 else 's'}" if found else "repository  ok")
    return 1 if found else 0
