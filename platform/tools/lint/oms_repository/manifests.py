"""Cargo.toml: every project is linted alike, and some crates must not be able to panic."""

import re
import tomllib
from typing import Iterator

from .model import Finding, Repository

# The block of this one is the rule for all; compared are the values, not the comments.
MODEL = "platform/crates/chassis"
# Tests share the block with the code that they test and may index and panic, so the roots of the crates that ship deny it.
NO_PANIC = ("clippy::indexing_slicing", "clippy::panic")
SHIPPED = ("platform/crates/chassis/src/lib.rs", "platform/tools/new-service/src/lib.rs", "platform/tools/new-service/src/main.rs",
           "services/*/src/lib.rs", "services/*/src/main.rs")
DENIED = re.compile(r"^#!\[deny\(([^)]*)\)\]", re.MULTILINE | re.DOTALL)


def check(repository: Repository) -> Iterator[Finding]:
    wanted = lints(repository, MODEL)
    for project in repository.projects:
        yield from differences(f"{project}/Cargo.toml", repository.text(f"{project}/Cargo.toml"), lints(repository, project), wanted)
    for pattern in SHIPPED:
        for path in sorted(repository.root.glob(pattern)):
            yield from panics(path.relative_to(repository.root).as_posix(), path.read_text(encoding="utf-8"))


def lints(repository: Repository, project: str) -> dict[str, object]:
    """Each lint with its level, such as `clippy.unwrap_used`."""
    found = tomllib.loads(repository.text(f"{project}/Cargo.toml")).get("lints", {})
    return {f"{tool}.{name}": level for tool, levels in found.items() for name, level in levels.items()}


def differences(file: str, text: str, found: dict[str, object], wanted: dict[str, object]) -> Iterator[Finding]:
    for name in sorted(found.keys() | wanted.keys()):
        if found.get(name) != wanted.get(name):
            line = next((number for number, line in enumerate(text.splitlines(), 1) if line.startswith(f"{name.split('.')[1]} =")), 1)
            yield Finding(file, line, f"the lint {name} is {shown(found, name)}; in {MODEL}/Cargo.toml it is {shown(wanted, name)}")


def shown(lints: dict[str, object], name: str) -> str:
    return f"{lints[name]!r}" if name in lints else "not set"


def panics(file: str, text: str) -> Iterator[Finding]:
    denied = {name.strip() for names in DENIED.findall(text) for name in names.split(",")}
    missing = [name for name in NO_PANIC if name not in denied]
    if missing:
        yield Finding(file, 1, f"lacks #![deny({', '.join(missing)})]: what ships must not be able to panic")
