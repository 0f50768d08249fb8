"""The places that name a service outside its folder: what each gains when a service is made, and loses when one is removed.

Each is a function of a file's text. One that adds refuses a text in which it does not find its place. One that removes takes
all that names the service, however much was added since, and leaves a text that does not name it as it is.
"""

import re
from typing import Callable

from model import Refused, Service, rendered

Edit = Callable[[str, Service], str]

UNRELEASED = re.compile(r"(?<=## \[Unreleased\]\n)(?:(?!## ).*\n)*")


# --- the platform's stacks ------------------------------------------------------------------------------------------------


def with_dead_letters(text: str, service: Service) -> str:
    return with_before(text, "  # --- events that no target took", rendered("dead-letters.yaml", service))


def without_dead_letters(text: str, service: Service) -> str:
    """A service may have several queues; each has a section of its own."""
    its = re.compile(rf"QueueName: !Sub 'oms-\$\{{Stage\}}-{service.name}(?:-[a-z-]+)?-dlq'")
    head, *sections = re.split(r"(?m)^(?=  # --- )", text)
    return head + "".join(section for section in sections if not its.search(section))


def with_bus_policy(text: str, service: Service) -> str:
    return with_permission_to_report(with_source(text, service) if service.publishes else text, service)


def with_permission_to_report(text: str, service: Service) -> str:
    """The statement OnlyConsumersSpeakForPlatform lists the roles that may report."""
    listed = re.compile(r"(  OnlyConsumersSpeakForPlatform:\n(?:(?!              - ).*\n)+(?:              - .*\n)+)")
    role = f"              - !Sub 'arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/oms-${{Stage}}-{service.name}-*'\n"
    changed, times = listed.subn(lambda found: found.group(1) + role, text)
    if times != 1:
        raise Refused("OnlyConsumersSpeakForPlatform in platform/stacks/platform.yaml has no list of roles")
    return changed


def with_source(text: str, service: Service) -> str:
    """No other service publishes under its source, and other accounts may make rules for it."""
    text, times = re.subn(r"('events:source': \[[^\]\n]+)\]", rf"\1, oms.{service.name}]", text)
    if times != 1:
        raise Refused("ConsumersMakeTheirRules in platform/stacks/platform.yaml has no list of sources")
    return with_before(text, "\n  # The platform has one event of its own", rendered("bus-policy.yaml", service))


def without_bus_policy(text: str, service: Service) -> str:
    text = re.sub(rf"('events:source': \[[^\]\n]+), oms\.{service.name}\b", r"\1", text)
    text = re.sub(rf"^  Only{service.title}SpeaksFor{service.title}:\n(?:    .*\n)+", "", text, flags=re.MULTILINE)
    return re.sub(rf"^ +- !Sub '.*:role/oms-\$\{{Stage\}}-{service.name}-\*'\n", "", text, flags=re.MULTILINE)


# --- what operators and readers find ----------------------------------------------------------------------------------------


def with_entries(text: str, service: Service) -> str:
    text = with_before(text, "### undeliverable-dlq", rendered("runbook-dlq.md", service))
    text = at_end_of(text, "## Queue age", rendered("runbook-queue-age.md", service))
    return at_end_of(text, "## Relay lag", rendered("runbook-relay-lag.md", service)) if service.publishes else text


def without_entries(text: str, service: Service) -> str:
    its = re.compile(rf"#+ {service.name}-[a-z0-9-]+\n")
    return "".join(section for section in sections(text) if not its.match(section))


def with_row(text: str, service: Service) -> str:
    row = f"| [`services/{service.name}`](services/{service.name}) | remembers which orders are complete |\n"
    changed, times = re.subn(r"(?m)((?:^\| \[`services/.*\n)+)", lambda found: found.group(1) + row, text, count=1)
    if times != 1:
        raise Refused("README.md has no table of the services")
    return changed


def without_row(text: str, service: Service) -> str:
    return re.sub(rf"(?m)^\| \[`services/{service.name}`\].*\n", "", text)


# --- the published language -------------------------------------------------------------------------------------------------


def with_module(text: str, service: Service) -> str:
    """In `lib.rs`, where a line of the documentation lists the sources."""
    text = with_before(text, "[`platform`]: the events", f"[`{service.name}`], ", newline="")
    return with_sorted(text, "pub mod", service.name)


def without_module(text: str, service: Service) -> str:
    return re.sub(rf"(?m)^(?:pub )?mod {service.name};\n", "", text.replace(f"[`{service.name}`], ", ""))


def with_samples(text: str, service: Service) -> str:
    return with_sorted(text, "mod", service.name)


def with_type(text: str, service: Service) -> str:
    """In `catalogue.rs`, after all that happens in an order's life."""
    line = f"        entry::<{service.name}::{service.event}>(),\n"
    return with_before(imports(text, lambda names: {*names, service.name}), "        entry::<inventory::StockAdjusted>()", line)


def without_types(text: str, service: Service) -> str:
    text = re.sub(rf"(?m)^ +entry::<{service.name}::\w+>\(\),\n", "", text)
    return imports(text, lambda names: names - {service.name})


def imports(text: str, change: Callable[[set[str]], set[str]]) -> str:
    """The modules of events, which the catalogue imports together."""
    def changed_list(found: re.Match) -> str:
        names = change(set(re.findall(r"\w+", found.group(1))))
        return f"use crate::{{{', '.join(sorted(names))}}};"
    changed, times = re.subn(r"use crate::\{([a-z0-9_,\s]+)\};", changed_list, text)
    if times != 1:
        raise Refused("contracts/src/catalogue.rs does not import the modules of events in one `use crate::{…}`")
    return changed


def with_note(text: str, service: Service) -> str:
    line = f"- `oms.{service.name}`: `{service.event}.v1`\n"
    found = UNRELEASED.search(text)
    if not found:
        raise Refused("contracts/CHANGELOG.md has no section `## [Unreleased]`")
    notes = found.group()
    added, times = re.subn(r"(### Added\n\n(?:[-  ].*\n)*)", lambda it: it.group(1) + line, notes)
    return text[:found.start()] + (added if times else f"\n### Added\n\n{line}{notes}") + text[found.end():]


def without_note(text: str, service: Service) -> str:
    """Only what is not released yet: the notes of a release stay."""
    def without(found: re.Match) -> str:
        notes = re.sub(rf"(?m)^- `oms\.{service.name}`: .*\n", "", found.group())
        return notes if notes == found.group() else re.sub(r"\n### Added\n\n(?=\n|$)", "", notes)
    return UNRELEASED.sub(without, text)


# --- pieces of text ---------------------------------------------------------------------------------------------------------


def with_before(text: str, place: str, piece: str, newline: str = "\n") -> str:
    if text.count(newline + place) != 1:
        raise Refused(f"the service has no place: `{place.strip()}` must be there once (was there {text.count(newline + place)} times)")
    return text.replace(newline + place, newline + piece + place)


def at_end_of(text: str, heading: str, piece: str) -> str:
    """At the end of a section of a document, its subsections included."""
    parts, level = sections(text), heading.split()[0]
    at = next((number for number, part in enumerate(parts) if part.startswith(f"{heading}\n")), None)
    if at is None:
        raise Refused(f"the service has no place: `{heading}` must be there once (was there 0 times)")
    end = next((number for number in range(at + 1, len(parts)) if len(parts[number].split()[0]) <= len(level)), len(parts))
    return "".join([*parts[:end], piece, *parts[end:]])


def sections(text: str) -> list[str]:
    """A document, divided at its headings; a line of a shell script that begins with # is not one."""
    parts, fenced = [""], False
    for line in text.splitlines(keepends=True):
        fenced ^= line.startswith("```")
        if re.match(r"#+ ", line) and not fenced:
            parts.append("")
        parts[-1] += line
    return parts


def with_sorted(text: str, keyword: str, name: str) -> str:
    """A module among those that a file declares, in the order of their names."""
    declared = list(re.finditer(rf"(?m)^{keyword} (\w+);\n", text))
    before = [found for found in declared if found.group(1) < name]
    if not declared:
        raise Refused(f"the service has no place: there must be lines `{keyword} NAME;`")
    at = before[-1].end() if before else declared[0].start()
    return f"{text[:at]}{keyword} {name};\n{text[at:]}"


# Each file, with what it gains and what it loses. Those of the language gain something for a service that publishes.
EVERY_SERVICE: dict[str, tuple[Edit, Edit]] = {
    "platform/stacks/dead-letters.yaml": (with_dead_letters, without_dead_letters),
    "platform/stacks/platform.yaml": (with_bus_policy, without_bus_policy),
    "docs/runbook.md": (with_entries, without_entries),
    "README.md": (with_row, without_row),
}
PUBLISHERS: dict[str, tuple[Edit, Edit]] = {
    "contracts/src/lib.rs": (with_module, without_module),
    "contracts/src/samples.rs": (with_samples, without_module),
    "contracts/src/catalogue.rs": (with_type, without_types),
    "contracts/CHANGELOG.md": (with_note, without_note),
}
