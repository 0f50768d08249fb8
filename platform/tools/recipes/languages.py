"""What is made of the event types for other languages, and whether it reads the events alike.

    python3 platform/tools/recipes/languages.py install | fresh | read

`install` puts Node and what it runs into .oms/node and contracts/node_modules, unless they are there. `fresh` makes the types
and the pages again, and fails if that changes a committed file. `read` hands every sample, and what the tests captured on
the running system, to the example consumers in TypeScript and Python, and compares what they print. They must also hear the
events of a later release, and refuse what no schema admits.
"""

import filecmp
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from command import Failed, Refused, exit_with, run

ROOT = Path(__file__).resolve().parents[3]
GENERATED = ("contracts/languages/typescript/events.ts", "contracts/languages/typescript/schemas.ts",
             "contracts/languages/typescript/package.json",
             "contracts/languages/python/oms_contracts/events.py", "contracts/languages/python/oms_contracts/enumerations.py",
             "contracts/languages/python/pyproject.toml", "contracts/map.svg")
# What makes the generated files; `fresh` runs it again.
MAKE = (("contracts/languages/generate.sh",), ("node", "contracts/pages/build.js"))


def install(root: Path) -> None:
    node, wanted = root / ".oms/node", root / "contracts/languages/requirements.txt"
    if not same(wanted, node / "requirements.txt"):
        run(root, sys.executable, "-m", "venv", str(node))
        run(root, str(node / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted))
        shutil.copy(wanted, node)
    modules, lock = root / "contracts/node_modules", root / "contracts/package-lock.json"
    if not same(lock, modules / "lock"):
        run(root / "contracts", "npm", "ci", "--silent", "--ignore-scripts")
        shutil.copy(lock, modules / "lock")


def same(one: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def fresh(root: Path) -> None:
    before = hashes(root)
    for command in MAKE:
        run(root, *command)
    stale = [name for name, digest in hashes(root).items() if digest != before[name]]
    if stale:
        raise Refused("\n".join(("these files were stale: commit what `just contracts` writes", *stale)))


def hashes(root: Path) -> dict[str, str]:
    return {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in GENERATED}


def read(root: Path) -> None:
    captured = sorted(root.glob(".oms/captured/*.json"))
    if not captured:
        raise Refused("there are no captured events in .oms/captured: run `just test-deployed` first")
    (root / ".oms/later.json").write_text("\n".join(later(root)), encoding="utf-8")
    (root / ".oms/refused.json").write_text("\n".join(unfit(created(root))), encoding="utf-8")
    samples = sorted(root.glob("contracts/samples/*.json"))
    events = [str(path.relative_to(root)) for path in [*samples, root / ".oms/later.json", *captured]]
    run(root, "contracts/node_modules/.bin/tsc", "-p", "contracts/languages/typescript")
    consumers = {"typescript": ["node", "contracts/languages/typescript/consumer.ts"],
                 "python": [".oms/node/bin/python", "-B", "contracts/languages/python/consumer.py"]}
    said = {language: output(root, [*command, *events]) for language, command in consumers.items()}
    for language, lines in said.items():
        (root / f".oms/read-in-{language}").write_text(lines, encoding="utf-8")
    if said["typescript"] != said["python"]:
        subprocess.run(["diff", ".oms/read-in-typescript", ".oms/read-in-python"], cwd=root, check=False)
        raise Failed(1)
    for language, command in consumers.items():
        refused(root, language, command)
    print(f"{len(events)} files; TypeScript and Python read {len(said['python'].splitlines())} of them, and alike", file=sys.stderr)


def created(root: Path) -> str:
    return json.dumps(json.loads((root / "contracts/samples/OrderCreated.v1.1.json").read_text("utf-8")))


def later(root: Path) -> list[str]:
    """Events of a later release: another value in each field with an open enumeration; and numbers written in another way."""
    events = []
    for path in sorted(root.glob("contracts/schemas/*.json")):
        definitions = json.loads(path.read_text("utf-8"))["$defs"]
        data = definitions[path.name.split(".")[0]]["properties"]
        for field, schema in data.items():
            if "anyOf" in definitions.get(schema.get("$ref", "").rpartition("/")[2], {}):
                event = json.loads((root / f"contracts/samples/{path.stem}.1.json").read_text("utf-8"))
                event["data"][field] = "A_VALUE_OF_TOMORROW"
                events.append(json.dumps(event))
    events.append(created(root).replace('{', '{"detail": {}, ', 1))
    events.append(delivered_as("oms.orders", "OrderCreated.v1", created(root)))
    return [*events, created(root).replace('"quantity": 2,', '"quantity": 2.0,').replace('"total": 4790', '"total": 4790.0')]


def unfit(event: str) -> list[str]:
    """Events that no schema admits, and so no reader."""
    pieces, total = '"quantity": 2,', '"total": 4790'
    return [event.replace(pieces, '"quantity": 5000000000,'), event.replace(pieces, '"quantity": 2.5,'),
            event.replace('{', '{"note": NaN, ', 1),
            event.replace(pieces, '"quantity": null,'), re.sub('"traceparent": "[^"]*"', '"traceparent": null', event),
            event.replace(total, '"total": 9007199254740993'), delivered_as("oms.platform", "EventProcessingFailed.v1", event),
            delivered_as("oms.payments", "OrderCreated.v1", event)]


def delivered_as(source: str, kind: str, event: str) -> str:
    return f'{{"detail-type": "{kind}", "source": "{source}", "detail": {event}}}'


def refused(root: Path, language: str, command: list[str]) -> None:
    done = subprocess.run([*command, ".oms/refused.json"], cwd=root, capture_output=True, text=True, check=False)
    if done.stdout or len(done.stderr.splitlines()) != len(unfit("")):
        raise Refused(f"{language} does not refuse each event of .oms/refused.json:\n{done.stdout}{done.stderr}")


def output(root: Path, command: list[str]) -> str:
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(done.returncode)
    return done.stdout


def main(arguments: list[str]) -> None:
    match arguments:
        case ["install"]:
            install(ROOT)
        case ["fresh"]:
            fresh(ROOT)
        case ["read"]:
            read(ROOT)
        case _:
            raise Refused(__doc__.strip())


if __name__ == "__main__":
    exit_with(main)
