"""The Justfile: an argument never becomes part of a recipe's text, and each public recipe is listed with its group."""

import re
from typing import Iterator

from .model import Finding, Repository

PLACE = "Justfile"
QUOTED = re.compile(r'"(?:\\.|\$\((?:[^()]|\([^()]*\))*\)|[^"\\])*"' + r"|'[^']*'")
ARGUMENT = re.compile(r"\$(?:[@*1-9]|\{[@*1-9])")
LONGEST_DOC = 90


def check(repository: Repository) -> Iterator[Finding]:
    if not repository.justfile["settings"]["positional_arguments"]:
        yield Finding(PLACE, 1, "lacks `set positional-arguments`: a recipe would have to put its arguments into its text")
    for name, recipe in repository.justfile["recipes"].items():
        file, line = place(repository, name)
        yield from (Finding(file, line, f"recipe {name} {problem}") for problem in [*unsafe(recipe["body"]), *unlisted(recipe)])


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
