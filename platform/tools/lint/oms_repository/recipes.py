"""The Justfile: an argument never becomes part of a recipe's text, and each public recipe is listed with its group."""

import re
from typing import Iterator

from .model import Finding, Repository

PLACE = "Justfile"
# What the shell replaces by text that somebody else may have written; `$#`, `$?` and `$$` are numbers.
EXPANSION = re.compile(r"\$\{?[!#]?[@*\w]+")
# What takes a text for commands.
SHELLS = re.compile(r"(?:^|[\s;&|(])(?:eval|source|(?:ba|da|z|k)?sh\s(?:\S+\s)*?-\w*c)\s[^\n]*\$")
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
    text = "\n".join("".join(piece for piece in line if isinstance(piece, str)) for line in body)
    yield from (f"uses {bare} without quotes, which splits it into words" for bare in unquoted(text))
    if SHELLS.search(text):
        yield "gives a shell a text to run that is not fixed: call the program itself"


def unquoted(text: str) -> Iterator[str]:
    """The expansions outside of double quotes. What is inside `$( )` or `( )` has quotes of its own."""
    quotes, at = [False], 0
    while at < len(text):
        expansion = EXPANSION.match(text, at)
        match text[at]:
            case "\\":
                at += 1
            case "'" if not quotes[-1]:
                at = end(text, "'", at + 1)
            case "#" if not quotes[-1] and text[:at].rstrip(" ")[-1:] in ("", "\n"):
                at = end(text, "\n", at)
            case '"':
                quotes[-1] = not quotes[-1]
            case "`":
                yield "` `"
            case "$" if text.startswith("$(", at):
                quotes.append(False)
                at += 1
            case "(" if not quotes[-1]:
                quotes.append(False)
            case ")" if not quotes[-1] and len(quotes) > 1:
                quotes.pop()
            case "$" if expansion and not quotes[-1]:
                yield expansion.group()
        at += 1


def end(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start)
    return len(text) if found < 0 else found


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
