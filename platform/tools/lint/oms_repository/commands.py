"""Commands that documents name: recipes, what omsctl and contracts can do, what cargo is to run or test."""

import re
import shlex
from itertools import takewhile
from typing import Iterator

from .documents import documents, project_of
from .model import Finding, Repository

# Fences in other languages hold no commands.
SHELL = {"", "sh", "bash", "shell", "console"}
# Where a tool's command line is declared, and the enumeration of its commands.
TOOLS = {"omsctl": "platform/tools/omsctl", "contracts": "contracts/cli", "simulation": "platform/tests/simulation",
         "bench": "platform/bench"}
ENUM = re.compile(r"#\[derive\([^)]*\bSubcommand\b[^)]*\)\]\s*(?:pub )?enum (\w+) \{(.*?)\n\}", re.DOTALL)
VARIANT = re.compile(r"^    ([A-Z]\w*)", re.MULTILINE)
FLAG = re.compile(r"#\[arg\(([^\]]*\blong\b[^\]]*)\)\]\s*(?:pub )?(\w+):")
# A recipe's program in Python matches its arguments.
MATCHED = re.compile(r"^\s*case .*$", re.MULTILINE)
NAMED = re.compile(r'\blong = "([^"]+)"')
START = re.compile(r"(?:^|[|&;(`]|\$\()\s*(?:[\w/.$-]*/)?(just|omsctl|contracts|simulation|bench|cargo)(?=\s+\S)")


def check(repository: Repository) -> Iterator[Finding]:
    known = Known(repository)
    for file, document in documents(repository):
        for code in document.code():
            if code.fence is None or code.fence in SHELL:
                for words in commands(code.text):
                    yield from (Finding(file, code.line, problem) for problem in known.problems(file, words))


def commands(text: str) -> Iterator[list[str]]:
    for start in START.finditer(text):
        command = re.split(r"[|&;)`]| #|\s{3,}", text[start.start(1):], maxsplit=1)[0]
        try:
            yield shlex.split(command)
        except ValueError:
            yield command.split()


class Known:
    """What can be run in this repository."""

    def __init__(self, repository: Repository):
        self.repository = repository
        self.recipes, self.variables = set(repository.justfile["recipes"]), set(repository.justfile["assignments"])
        texts = {tool: [repository.text(file) for file in repository.named(".rs") if file.startswith(f"{place}/src/")] for tool, place in TOOLS.items()}
        self.groups = {tool: [dict((name, kebabs(body)) for name, body in ENUM.findall(text)) for text in found] for tool, found in texts.items()}
        self.flags = {flag for found in texts.values() for text in found for flag in flags(text)} | {"help", "version"}
        self.flags |= {flag for file in repository.named(".py") for case in MATCHED.findall(repository.text(file)) for flag in re.findall(r'"--([a-z][a-z-]*)"', case)}

    def problems(self, file: str, words: list[str]) -> Iterator[str]:
        match words:
            case ["just", *rest]:
                # Only before the recipe: `just deploy STAGE NAME=VALUE` sets a parameter of the templates.
                set_here = [word.partition("=")[0] for word in takewhile(re.compile(r"\w+=").match, rest)]
                yield from (f"there is no variable {name} in the Justfile" for name in set_here if name not in self.variables)
                yield from self.recipe(rest[len(set_here):])
            case ["cargo", "run" | "test" as verb, *rest]:
                yield from self.cargo(file, verb, rest)
            case [tool, command, *rest] if tool in TOOLS:
                yield from self.tool(tool, command, rest)

    def recipe(self, words: list[str]) -> Iterator[str]:
        name = words[0] if words else ""
        if not re.fullmatch(r"[a-z_][\w-]*", name):
            return
        if name not in self.recipes:
            yield f"there is no recipe: just {name}"
        elif name == "dlq" and len(words) > 1 and re.fullmatch(r"[a-z-]+", words[1]) and words[1] not in self.subcommands("omsctl"):
            yield f"there is no command: just dlq {words[1]}"
        yield from (f"there is no option {flag} (just {name})" for flag in self.unknown(words))

    def tool(self, tool: str, command: str, rest: list[str]) -> Iterator[str]:
        if re.fullmatch(r"[a-z][a-z-]+", command) and command not in self.subcommands(tool):
            yield f"there is no command: {tool} {command}"
        yield from (f"there is no option {flag} ({tool} {command})" for flag in self.unknown(rest))

    def cargo(self, file: str, verb: str, rest: list[str]) -> Iterator[str]:
        manifest = rest[rest.index("--manifest-path") + 1].removesuffix("/Cargo.toml") if "--manifest-path" in rest[:-1] else None
        project = manifest or project_of(self.repository, file)
        if verb == "run" and not (project and self.repository.matches(f"{project}/src/main.rs")):
            yield "there is nothing that `cargo run` could run here: name a project with --manifest-path"
        for name in (rest[at + 1] for at, word in enumerate(rest[:-1]) if word == "--test"):
            inside = f"{project}/tests" if project else "**/tests"
            if not (self.repository.matches(f"{inside}/{name}.rs") or self.repository.matches(f"{inside}/{name}/main.rs")):
                yield f"there is no test {name} in {inside}"

    def subcommands(self, tool: str) -> set[str]:
        return {name for file in self.groups[tool] for names in file.values() for name in names}

    def unknown(self, words: list[str]) -> list[str]:
        found = (re.fullmatch(r"--([a-z][a-z-]*)(?:=.*)?", word) for word in words)
        return [f"--{flag.group(1)}" for flag in found if flag and flag.group(1) not in self.flags]


def kebabs(body: str) -> set[str]:
    return {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in VARIANT.findall(body)}


def flags(text: str) -> Iterator[str]:
    for arguments, field in FLAG.findall(text):
        own = NAMED.search(arguments)
        yield own.group(1) if own else field.replace("_", "-")
