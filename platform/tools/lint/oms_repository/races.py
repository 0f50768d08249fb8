"""docs/races.md: each race has a rule or a mechanism and a test, all of which exist; each test of a race is in it."""

import re
from typing import Iterator, NamedTuple

from .documents import folder_of, resolve
from .markdown import LINK, Document
from .model import Finding, Repository, line_of

PLACE = "docs/races.md"
NAME = re.compile(r"`(\w+)`")
TEST = re.compile(r"\bfn (race_\w+)")


class Row(NamedTuple):
    line: int
    race: str
    decided_by: str
    tests: str


def check(repository: Repository) -> Iterator[Finding]:
    if PLACE not in repository.paths:
        return
    named = set()
    for row in rows(Document(repository.text(PLACE))):
        tests = list(functions(row.tests))
        named |= set(tests)
        if not row.decided_by:
            yield Finding(PLACE, row.line, f"the race '{row.race}' names neither a rule nor a mechanism")
        if not tests:
            yield Finding(PLACE, row.line, f"the race '{row.race}' names no test")
        for name, file in [*functions(row.decided_by), *tests]:
            if file and file in repository.paths and not re.search(rf"\bfn {name}\b", repository.text(file)):
                yield Finding(PLACE, row.line, f"{file} has no function {name}")
            if not file:
                yield Finding(PLACE, row.line, f"{name} needs a link to its file")
    for file in repository.named(".rs"):
        for test in TEST.finditer(repository.text(file)):
            if (test.group(1), file) not in named:
                yield Finding(file, line_of(repository.text(file), test.start()), f"{test.group(1)} is missing in {PLACE}")


def rows(document: Document) -> Iterator[Row]:
    """The rows of the tables, without their heads."""
    for line, text in document.prose():
        cells = [cell.strip() for cell in text.strip().removeprefix("|").removesuffix("|").split(" | ")]
        if text.startswith("| ") and len(cells) == 3 and not set(text) <= set("| -:") and cells[0] != "race":
            yield Row(line, *cells)


def functions(cell: str) -> Iterator[tuple[str, str | None]]:
    """Each name in code, with the Rust file that it links to."""
    for text, target in LINK.findall(cell):
        file = resolve(folder_of(PLACE), target.partition("#")[0])
        if file and file.endswith(".rs"):
            yield from ((name, file) for name in NAME.findall(text))
    yield from ((name, None) for name in NAME.findall(LINK.sub("", cell)) if name.startswith("race_"))
