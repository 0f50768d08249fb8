"""The Justfile: an argument never becomes part of a recipe's text, and each public recipe is listed with its group."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator

from .model import Finding, Repository

PLACE = "Justfile"
QUOTED = re.compile(r'"(?:\\.|\$\((?:[^()]|\([^()]*\))*\)|[^"\\])*"' + r"|'[^']*'")
ARGUMENT = re.compile(r"\$(?:[@*1-9]|\{[@*1-9])")
LONGEST_DOC = 90


def check(repository: Repository) -> Iterator[Finding]:
    if PLACE not in repository.paths:
        return
    dumped = dump(repository.root)
    if not dumped["settings"]["positional_arguments"]:
        yield Finding(PLACE, 1, "lacks `set positional-arguments`: a recipe would have to put its arguments into its text")
    for name, recipe in dumped["recipes"].items():
        file, line = place(repository, name)
        yield from (Finding(file, line, f"recipe {name} {problem}") for problem in [*unsafe(recipe["body"]), *unlisted(recipe)])


def dump(root: Path) -> dict:
    """What just itself understands of the Justfile and its imports."""
    just = shutil.which("just", path=str(Path(sys.executable).parent)) or shutil.which("just")
    command = [just or "just", "--justfile", str(root / PLACE), "--dump", "--dump-format", "json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def place(repository: Repository, name: str) -> tuple[str, int]:
    head = re.compile(rf"^{re.escape(name)}\b[^=\n]*:(?!=)", re.MULTILINE)
    for file in [PLACE, *repository.named(".just")]:
        found = head.search(repository.text(file))
        if found:
            return file, repository.text(file).count("\n", 0, found.start()) + 1
    return PLACE, 1


def unsafe(body: list[list]) -> Iterator[str]:
    """A body is a list of lines, and a line a list of texts and, as lists, of what is put between them."""
    for line in body:
        for piece in line:
            if not isinstance(piece, str):
                yield f"puts {{{{ {' '.join(map(str, flat(piece)))} }}}} into its text, where the shell would run what it contains: use \"$1\", \"$@\" or an exported variable"
        text = "".join(piece for piece in line if isinstance(piece, str))
        bare = ARGUMENT.search(QUOTED.sub("", text))
        if bare:
            yield f"uses {bare.group()} without quotes, which splits it into words"


def flat(value) -> Iterator:
    if isinstance(value, list):
        for each in value:
            yield from flat(each)
    else:
        yield value


def unlisted(recipe: dict) -> Iterator[str]:
    if recipe["private"]:
        return
    if not any("group" in attribute for attribute in recipe["attributes"] if isinstance(attribute, dict)):
        yield "has no [group('…')]"
    doc = recipe["doc"] or ""
    if not 0 < len(doc) <= LONGEST_DOC:
        yield f"needs a comment above it of at most {LONGEST_DOC} characters (has {len(doc)})"
