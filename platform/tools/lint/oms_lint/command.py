"""Lints CloudFormation templates: expanded by SAM's translator, by cfn-lint, and by our own checks."""

import json
import sys
from itertools import chain
from pathlib import Path

from . import functions, habits, policies, queues, rules, runbook, voices
from .expand import cfn_problems, read
from .model import Problem, System, Template

PLACES = ("platform/stacks/*.yaml", "platform/local/*/template.yaml", "platform/watcher/template.yaml", "services/*/template.yaml",
          "contracts/template.yaml", "docs/consume-from-outside/*.yaml")
# What the platform offers to every service; the package carries it along.
PLATFORM = Path(__file__).parent / "platform"
CHECKS = (rules, queues, functions, policies, voices, habits, runbook)


def own_problems(system: System, template: Template) -> list[Problem]:
    return list(chain.from_iterable(module.check(system, template) for module in CHECKS))


def lint(system: System) -> dict[str, list[Problem]]:
    """The problems of each template, and of the runbook."""
    found = {template.name: cfn_problems(template) + own_problems(system, template) for template in system.templates}
    return found if system.runbook is None else {**found, runbook.PLACE: runbook.left_over(system)}


def table(found: dict[str, list[Problem]]) -> str:
    width = max(map(len, found), default=0)
    rows = []
    for name, problems in found.items():
        texts = [f"{problem.resource}: {problem.message}" for problem in problems] or ["ok"]
        rows += [f"{name if row == 0 else '':{width}}  {line}" for row, line in enumerate(texts)]
    return "\n".join(rows)


def main(arguments: list[str], repository: Path | None = None) -> int:
    """Lints what is named, together with the repository's other templates, or with the platform's where there is no repository."""
    neighbours = sorted(path for place in PLACES for path in repository.glob(place)) if repository else sorted(PLATFORM.glob("*.yaml"))
    asked = {Path(argument).resolve() for argument in arguments}
    missing = sorted(path for path in asked if not path.is_file())
    if missing or not (asked or repository):
        print("\n".join(f"there is no template {path}" for path in missing) or "which template? oms-lint TEMPLATE…", file=sys.stderr)
        return 2
    names = {path: shown_as(path, repository or Path.cwd()) for path in {*neighbours, *asked}}
    entries = repository / runbook.PLACE if repository else None
    system = System([read(path, names[path]) for path in sorted(names)],
                    entries.read_text(encoding="utf-8") if entries and entries.exists() else None, catalogue(repository))
    shown = {names[path] for path in asked or neighbours} | (set() if asked else {runbook.PLACE})
    found = {name: problems for name, problems in lint(system).items() if name in shown}
    print(table(found))
    return 1 if any(found.values()) else 0


def catalogue(repository: Path | None) -> dict[str, str] | None:
    """Each published type with its source, as its schema has them; none where the schemas are not generated."""
    schemas = [json.loads(path.read_text(encoding="utf-8"))["properties"] for path in sorted((repository or PLATFORM).glob("contracts/schemas/*.json"))]
    return {schema["type"]["const"]: schema["source"]["const"] for schema in schemas} or None


def shown_as(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
