"""Removes a service: `just remove-service NAME`. Safe to repeat.

    python3 platform/tools/new-service/birth/remove.py NAME

It undoes what create.py did, and what was added since in the same places: first the service's stack on the stages of this
machine, then its files and all that others hold for it, then what was generated from them. It refuses as long as others
need the service: they consume its events, or a release has them. docs/new-service.md explains the order.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from model import ROOT, Refused, Service, formatted, write
from places import EVERY_SERVICE, PUBLISHERS

USAGE = "name the service: just remove-service NAME"
# What is generated from the service's files, by the recipe that generates it.
GENERATED = {"contracts": ("docs/message-schemas.md", "contracts/asyncapi.json", "contracts/map.svg"),
             "picture": ("docs/architecture/architecture.svg",)}
# Where people name services; new-service.md takes its example from a service that may exist.
NAMED_BY_PEOPLE = ("README.md", "docs/*.md", "services/**/*", "platform/stacks/*", "platform/tests/**/*", "contracts/src/**/*")
NOT_BY_PEOPLE = ("docs/new-service.md", "docs/message-schemas.md")


def check(name: str, root: Path) -> None:
    """Refuses if something that stays needs the service."""
    if not re.fullmatch(r"[a-z][a-z0-9]*", name):
        raise Refused(f"a service's name has lower-case letters and digits only (was '{name}')")
    released = released_types(name, root)
    if released:
        raise Refused(f"{', '.join(released)} is released: a released event cannot vanish. Retire it first (docs/events.md, Retire an event)")
    readers = consumers(types(name, root), root)
    if readers:
        raise Refused("other services consume its events:\n" + "\n".join(f"  {reader} consumes {event}" for reader, event in readers)
                      + "\nFirst remove the event from each of these declarations, and from what it declares")


def released_types(name: str, root: Path) -> list[str]:
    """The types of the last release that have the service's source."""
    releases = sorted(root.glob("contracts/releases/*.json"), key=lambda path: [int(part) for part in path.stem.split(".")])
    if not releases:
        return []
    last = json.loads(releases[-1].read_text(encoding="utf-8"))["types"]
    source = {event: json.loads((root / f"contracts/releases/schemas/{event}.{its['minor']}.json").read_text(encoding="utf-8"))["properties"]["source"]["const"]
              for event, its in last.items()}
    return [event for event in source if source[event] == f"oms.{name}"]


def types(name: str, root: Path) -> list[str]:
    module = root / f"contracts/src/{name}.rs"
    return re.findall(r'const TYPE: &\'static str = "(.+)"', module.read_text(encoding="utf-8")) if module.exists() else []


def consumers(events: list[str], root: Path) -> list[tuple[str, str]]:
    declarations = [*sorted(root.glob("services/*/events.toml")), *sorted(root.glob("contracts/consumers/*.toml"))]
    texts = {path.parent.name if path.name == "events.toml" else path.stem: path.read_text(encoding="utf-8") for path in declarations}
    return [(reader, event) for reader, text in texts.items() for event in events if f'[consumes."{event}"]' in text]


def remove(service: Service, root: Path) -> list[Path]:
    """Removes what names the service; returns the files that were removed or changed."""
    name = service.name
    own = [root / "services" / name, root / f".github/workflows/{name}.yml", root / f"contracts/src/{name}.rs", root / f"contracts/src/samples/{name}.rs"]
    golden = [path for event in types(name, root) for path in (root / "contracts/golden").glob(f"{event}.*.json")]
    removed = [path for path in (*own, *golden) if path.exists()]
    changed = without(service, root)
    write(changed)
    for path in removed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return sorted([*removed, *changed])


def without(service: Service, root: Path) -> dict[Path, str]:
    """The files of others that name the service, without what they hold for it."""
    changed = {}
    for place, (_, take) in {**EVERY_SERVICE, **PUBLISHERS}.items():
        before = (root / place).read_text(encoding="utf-8")
        after = take(before, service)
        if after != before:
            changed[root / place] = formatted(after, root) if place.endswith(".rs") else after
    return changed


def stale(name: str, root: Path) -> list[str]:
    """The recipes whose files still show the service."""
    return [recipe for recipe, files in GENERATED.items() if any(names(name, root / file) for file in files)]


def left(name: str, root: Path) -> list[str]:
    """Where people have named the service: each file, with the lines."""
    files = sorted({path for place in NAMED_BY_PEOPLE for path in root.glob(place) if path.suffix in {".md", ".rs", ".toml", ".yaml"}})
    files = [path for path in files if str(path.relative_to(root)) not in NOT_BY_PEOPLE and "build" not in path.parts]
    return [f"{path.relative_to(root)}:{number}" for path in files for number in names(name, path)]


def names(name: str, path: Path) -> list[int]:
    if not path.exists():
        return []
    return [number for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if re.search(rf"\b{name}\b", line, re.IGNORECASE)]


def on_aws(name: str) -> str:
    return f"""On every stage on AWS, in this order:
  OMS_STAGE=STAGE just dlq list                                       # what {name} could not handle must be handled or discarded
  aws cloudformation delete-stack --stack-name oms-STAGE-{name}     # its table stays: decide what to do with the data
  just deploy-platform STAGE                                          # once the stack is gone; the dead-letter queue stays as well"""


def main(arguments: list[str], root: Path = ROOT) -> int:
    if len(arguments) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    name = arguments[0]
    try:
        check(name, root)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    # It refuses, and says why, while one of the service's queues has messages.
    if subprocess.run(["omsctl", "uninstall", name], cwd=root, check=False).returncode:
        return 1
    removed = remove(Service(name), root)
    print(*(path.relative_to(root) for path in removed), sep="\n", end="\n" if removed else "")
    for recipe in stale(name, root):
        if subprocess.run(["just", recipe], cwd=root, check=False).returncode:
            print(f"{name} is removed, but not from what is generated: correct the cause, then run `just {recipe}`", file=sys.stderr)
            return 1
    finish(name, removed, root)
    return 0


def finish(name: str, removed: list[Path], root: Path) -> None:
    if not removed:
        services = ", ".join(sorted(path.parent.name for path in root.glob("services/*/template.yaml")))
        print(f"nothing of a service {name} is here; the services: {services}", file=sys.stderr)
        return
    for place in left(name, root):
        print(f"still named in {place}", file=sys.stderr)
    print(f"{on_aws(name)}\nnext: just lint", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
