"""The runbook: each alarm has its entry, and each entry its alarm; each resource that outlives its stack is named."""

import re
from typing import Iterator

from .model import Problem, Resource, System, Template, text

PLACE = "docs/runbook.md"
PREFIX = "oms-${Stage}-"
FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1", re.DOTALL | re.MULTILINE)
# The properties that give a resource a fixed name.
NAMES = ("TableName", "QueueName", "UserPoolName", "BucketName", "Name")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
EXPLICIT = re.compile(r"<a (?:id|name)=[\"']([^\"']+)[\"']")


def check(system: System, template: Template) -> Iterator[Problem]:
    if system.runbook is not None:
        yield from without_entry(system, template)
        yield from retained(system, template)


def without_entry(system: System, template: Template) -> Iterator[Problem]:
    anchors = {slug(heading) for heading in headings(system.runbook)} | explicit(system.runbook)
    for alarm in alarms(template):
        entry = entry_of(alarm)
        if entry is None:
            yield Problem(alarm.id, f"is not named {PREFIX}…, so {PLACE} can have no entry for it")
        elif entry not in anchors:
            yield Problem(alarm.id, f"has no entry in {PLACE}: it needs the heading `{entry}`")


def retained(system: System, template: Template) -> Iterator[Problem]:
    """What a removed stack leaves behind: its name is in the way of the next deployment."""
    for logical_id, found in template.body.get("Resources", {}).items():
        if not str(found.get("DeletionPolicy", "")).startswith("Retain"):
            continue
        properties = found.get("Properties", {})
        for name in [text(properties[key]) for key in NAMES if key in properties]:
            name, is_ours = name.replace("${Stage}", "<stage>"), f"{name}-".startswith(PREFIX)
            if is_ours and f"`{name}`" not in system.runbook:
                yield Problem(logical_id, f"outlives its stack: {PLACE} has to say how `{name}` is adopted again")


def left_over(system: System) -> list[Problem]:
    """Entries without an alarm. Headings that are written like an alarm's name are entries; the others are prose."""
    named = {heading for heading in headings(system.runbook) if slug(heading) == heading}
    known = {entry_of(alarm) for template in system.templates for alarm in alarms(template)}
    return [Problem(entry, "no alarm has this name") for entry in sorted((named | explicit(system.runbook)) - known)]


def alarms(template: Template) -> Iterator[Resource]:
    return template.of_type("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")


def entry_of(alarm: Resource) -> str | None:
    name = text(alarm.properties.get("AlarmName"))
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else None


def headings(runbook: str) -> list[str]:
    """A line of a shell script that begins with # is not one."""
    return [heading.replace("`", "") for heading in HEADING.findall(FENCE.sub("", runbook))]


def explicit(runbook: str) -> set[str]:
    return set(EXPLICIT.findall(FENCE.sub("", runbook)))


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
