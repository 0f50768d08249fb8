"""Documents: every link, path and file that one names exists; an identifier that links to a source is in it."""

import re
from pathlib import PurePosixPath
from typing import Iterator

from .markdown import Document
from .model import Finding, Repository

# Words that stand for the reader's own, in the documents that explain how to make a service.
EXAMPLES = {"newcomer", "loyalty"}
# These are pieces of other documents, and are read as part of them once they are there.
PIECES = "platform/tools/new-service/birth/"
# The model of new services is written as what will be in `services/NAME`.
MODEL, BORN = "platform/tools/new-service", "services/newcomer"
SOURCE = (".rs", ".yaml", ".py", ".toml", ".sh", ".js", ".ts")
FILE = re.compile(r"[\w.-]+\.(?:rs|py|yaml|yml|toml|js|ts|sh|just|svg|png|css|md)")
IDENTIFIER = re.compile(r"`([A-Za-z_]\w*)(?:\(\))?`")
# What a reader puts there: <stage>, NAME, $variable.
PLACEHOLDER = re.compile(r"\b(?:" + "|".join(EXAMPLES) + r")\b|<[^>]*>|\$\{?\w+\}?|\b[A-Z][A-Z0-9_]{2,}\b")
BUILT = {"target", "build", "node_modules", ".oms", ".git"}


def documents(repository: Repository) -> Iterator[tuple[str, Document]]:
    for file in repository.named(".md"):
        if not file.startswith(PIECES):
            yield file, Document(repository.text(file))


def check(repository: Repository) -> Iterator[Finding]:
    for file, document in documents(repository):
        yield from links(repository, file, document)
        for code in document.code():
            for path in paths(repository, code.text, span=code.fence is None):
                if not exists(repository, file, path):
                    yield Finding(file, code.line, f"there is no {path}")
    for file in repository.named("Justfile", ".just", ".github/workflows/*.yml"):
        for number, line in enumerate(repository.text(file).splitlines(), 1):
            for path in paths(repository, line, span=False):
                if not exists(repository, file, path):
                    yield Finding(file, number, f"there is no {path}")


# --- links ---------------------------------------------------------------------------------------------------------------


def links(repository: Repository, file: str, document: Document) -> Iterator[Finding]:
    for line, text, target in document.links():
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        wanted = resolve(folder_of(file), path) if path else file
        if wanted is None or wanted not in repository.paths and wanted != ".":
            yield Finding(file, line, f"the link to {target} leads nowhere")
        elif anchor and not EXAMPLES & set(anchor.split("-")) and wanted.endswith(".md") and anchor not in Document(repository.text(wanted)).anchors:
            yield Finding(file, line, f"{wanted} has no heading #{anchor}")
        elif wanted.endswith(SOURCE):
            yield from (Finding(file, line, f"{wanted} does not contain {name}") for name in IDENTIFIER.findall(text)
                        if not re.search(rf"\b{name}\b", repository.text(wanted)))


def folder_of(file: str) -> PurePosixPath:
    folder = PurePosixPath(file).parent
    return PurePosixPath(BORN) if str(folder) == MODEL else folder


def resolve(folder: PurePosixPath, path: str) -> str | None:
    """The path from the root; None if it leads out of the repository."""
    parts: list[str] = []
    for part in (folder / path).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts) or "."


# --- paths in code -------------------------------------------------------------------------------------------------------


def paths(repository: Repository, text: str, span: bool) -> Iterator[str]:
    """What is written as a path: below a folder of the root, below a project's `src` or `tests`, or a bare file's name."""
    roots = {path.split("/")[0] for path in repository.paths if "/" in path}
    for word in text.split():
        for path in expanded(word.strip("\"'(),;:").removesuffix(".").removeprefix("./")):
            head, slash, _ = path.partition("/")
            below = slash and (head in roots or span and head in {"src", "tests", "events"})
            if (below or span and word == text and FILE.fullmatch(path)) and not BUILT & set(path.split("/")) and "://" not in path:
                yield path


def expanded(word: str) -> list[str]:
    """`a/{b,c}` names two."""
    braces = re.search(r"\{([^{}$]*,[^{}]*)\}", word)
    if not braces:
        return [word]
    return [path for choice in braces.group(1).split(",") for path in expanded(word[:braces.start()] + choice + word[braces.end():])]


def exists(repository: Repository, file: str, path: str) -> bool:
    pattern = PLACEHOLDER.sub("*", re.sub(r":\d+$", "", path.split("#")[0])).replace("…", "**")
    if "/" not in pattern:
        return repository.matches(pattern) or repository.matches(f"**/{pattern}")
    below = {"src", "tests", "events"}
    if pattern.split("/")[0] not in below:
        return repository.matches(pattern) or repository.matches(f"{folder_of(file)}/{pattern}")
    own = project_of(repository, file)
    return repository.matches(f"{own}/{pattern}" if own else f"**/{pattern}")


def project_of(repository: Repository, file: str) -> str | None:
    """The Cargo project that a document belongs to."""
    return next((str(folder) for folder in PurePosixPath(file).parents if str(folder) in repository.projects), None)
