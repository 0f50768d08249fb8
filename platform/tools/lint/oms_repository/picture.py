"""The architecture picture: it was drawn from what the templates deploy now."""

import json
import re
from typing import Iterator

from .model import Finding, Repository
from .system import system

PLACE = "docs/architecture/architecture.svg"
# The picture carries what it was drawn from, in a comment.
PREFIX = "drawn from "
DRAWN = re.compile(rf"<!-- {PREFIX}(.*?) -->", re.DOTALL)


def check(repository: Repository) -> Iterator[Finding]:
    if PLACE not in repository.paths:
        return
    drawn = DRAWN.search(repository.text(PLACE))
    facts = set(flat(system(repository.root)))
    shown = set(flat(json.loads(drawn.group(1)))) if drawn else set()
    for fact in sorted(facts - shown):
        yield Finding(PLACE, 1, f"does not show {fact}: run `just picture`")
    for fact in sorted(shown - facts):
        yield Finding(PLACE, 1, f"shows {fact}, which no template has: run `just picture`")


def flat(value: object, place: str = "") -> Iterator[str]:
    """Each fact as a line, such as `payments roles api calls: gateway`."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from flat(each, f"{place} {name}".strip())
    elif isinstance(value, list):
        for each in value:
            yield from flat(each, place)
    else:
        yield f"{place}: {value}"
