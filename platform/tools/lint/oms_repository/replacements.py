"""Tests that change the sources before they build them list each change as `find` and `replace`: each finds its one place."""

import tomllib
from typing import Iterator

from .model import Finding, Repository

LISTS = ("platform/tests/simulation/mutants.toml", "platform/tests/system/next-minor.toml")


def check(repository: Repository) -> Iterator[Finding]:
    for place in LISTS:
        if place not in repository.paths:
            continue
        text = repository.text(place)
        lines = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("[[")]
        (changes,) = tomllib.loads(text).values()
        for line, change in zip(lines, changes, strict=True):
            file, find = change["file"], change["find"]
            if file not in repository.paths:
                yield Finding(place, line, f"there is no {file}")
            elif (times := repository.text(file).count(find)) != 1:
                yield Finding(place, line, f"{file} must have this exactly once, and has it {times} times: {find.strip()}")
