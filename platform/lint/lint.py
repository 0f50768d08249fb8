"""Lints the CloudFormation templates: expanded by SAM's translator, by cfn-lint, and by our own checks.

    python platform/lint/lint.py [TEMPLATE…]

Without arguments, every template of the repository, and whether the runbook fits them. Exits with 1 if there is a problem.
"""

import sys
from itertools import chain
from pathlib import Path

import functions
import habits
import policies
import queues
import rules
import runbook
from expand import cfn_problems, read
from model import Problem, System, Template

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("platform/*.yaml", "platform/local/*/template.yaml", "services/*/template.yaml", "contracts/template.yaml")
CHECKS = (rules, queues, functions, policies, habits, runbook)


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


def main(arguments: list[str]) -> int:
    everything = sorted(path for place in PLACES for path in ROOT.glob(place))
    asked = {Path(argument).resolve() for argument in arguments}
    paths = sorted({*everything, *asked})
    names = {path: str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path) for path in paths}
    entries = ROOT / runbook.PLACE
    system = System([read(path, names[path]) for path in paths], entries.read_text(encoding="utf-8") if entries.exists() else None)
    shown = {names[path] for path in asked or paths} | (set() if asked else {runbook.PLACE})
    found = {name: problems for name, problems in lint(system).items() if name in shown}
    print(table(found))
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
