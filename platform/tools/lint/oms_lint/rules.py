"""Rules of the bus: what they match and where an event goes that their target refuses."""

import re
from typing import Iterator

from .model import Problem, Resource, System, Template

MAJOR = re.compile(r"\.v[1-9][0-9]*$")


def check(_: System, template: Template) -> Iterator[Problem]:
    for rule in template.of_type("AWS::Events::Rule"):
        if "EventPattern" in rule.properties:
            yield from (Problem(rule.id, message) for message in pattern(rule.properties["EventPattern"]))
        for target in rule.properties.get("Targets", []):
            yield from survives(rule, target)
    for schedule in template.of_type("AWS::Scheduler::Schedule"):
        yield from survives(schedule, schedule.properties.get("Target", {}))


EVERYTHING = [{"prefix": ""}]


def pattern(fields: dict) -> Iterator[str]:
    """The template accepts a field that is not a list; the bus refuses it or never matches it."""
    for path, value in leaves(fields):
        if not isinstance(value, list):
            yield f"the event pattern's `{path}` is not a list"
    for name in ("source", "detail-type"):
        if not fields.get(name):
            yield f"the event pattern names no `{name}`"
    types = fields.get("detail-type")
    # a rule for every event does not depend on a version, and AWS gives its own events none
    is_versioned = isinstance(types, list) and types != EVERYTHING and not of_aws(fields.get("source"))
    for name in types if is_versioned else []:
        if not isinstance(name, str) or not MAJOR.search(name):
            yield f"detail-type `{name}` names no major version (`.v1`)"


def of_aws(sources: object) -> bool:
    """Nobody but AWS may publish from a source that begins with `aws.`."""
    return isinstance(sources, list) and bool(sources) and all(isinstance(it, str) and it.startswith("aws.") for it in sources)


def leaves(fields: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{path}.")
        else:
            yield path, value


def survives(rule: Resource, target: dict) -> Iterator[Problem]:
    if not target.get("DeadLetterConfig", {}).get("Arn"):
        yield Problem(rule.id, f"target `{target.get('Id', 'of the schedule')}` has no DeadLetterConfig: an event that it refuses is lost")
