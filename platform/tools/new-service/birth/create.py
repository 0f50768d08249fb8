"""Makes a new service: `just new-service NAME`.

    python3 platform/tools/new-service/birth/create.py NAME

The folder above is a service named `newcomer` that builds, lints and passes. This program copies it to services/NAME under
the new name, with a pipeline of its own. It also adds what only the platform can give: the dead-letter queue with its alarm,
permission to report what the service parks, and the alarms' entries in the runbook. docs/new-service.md has the next steps.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[1]
ROOT = TEMPLATE.parents[2]
OLD = "newcomer"
NOT_COPIED = {"birth", "build", "target"}
RULE = "a service's name must have 3 to 20 lower-case letters and digits, and begin with a letter"
# Names of stacks and of projects, and words that Rust reserves.
TAKEN = {"platform", "contracts", "watcher", "chassis", "testkit", "test", "core", "std", "alloc", OLD}
TAKEN |= set("async await break const continue crate dyn else enum extern false fn for impl let loop match mod move mut pub ref return "
             "self static struct super trait true type unsafe use where while abstract become box final macro override priv try "
             "typeof unsized virtual yield gen union".split())


class Refused(Exception):
    """Why the service was not created; nothing was written."""


def create(name: str, root: Path = ROOT) -> list[Path]:
    """Writes the service, and returns the files that were written or changed."""
    check(name, root)
    files = service_files(name, root) | platform_files(name, root)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    # Under the new name, imports sort differently and lines break elsewhere.
    subprocess.run(["rustfmt", "--edition", "2024", *(path for path in files if path.suffix == ".rs")], check=True)
    return sorted(files)


def check(name: str, root: Path) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]{2,19}", name):
        raise Refused(f"{RULE} (was '{name}')")
    if (root / "services" / name).exists():
        raise Refused(f"the service {name} exists already: services/{name}")
    crates = re.findall(r'^name = "(.+)"$', (TEMPLATE / "Cargo.lock").read_text(encoding="utf-8"), re.MULTILINE)
    if shutil.which(name, path=os.pathsep.join(folder for folder in os.get_exec_path() if not folder.endswith("/debug"))):
        # The recipes find what was built here first: a service's binary of this name would run in place of the command.
        raise Refused(f"'{name}' is taken: it is a command of this machine")
    if name in TAKEN or name in crates:
        raise Refused(f"'{name}' is taken: it is the name of a stack, of a crate or a word of Rust")
    for template in [*root.glob("platform/**/*.yaml"), *root.glob("services/*/template.yaml")]:
        if re.search(rf"oms-\$\{{Stage\}}-{name}(-dlq)?'", template.read_text(encoding="utf-8")):
            raise Refused(f"'{name}' is taken: {template.relative_to(root)} has a resource oms-<stage>-{name}")


def service_files(name: str, root: Path) -> dict[Path, str]:
    """The new service's own files."""
    files = {}
    for path in sorted(TEMPLATE.rglob("*")):
        inside = path.relative_to(TEMPLATE)
        if path.is_file() and inside.parts[0] not in NOT_COPIED:
            files[root / "services" / name / inside] = renamed(path, name)
    lock = root / "services" / name / "Cargo.lock"
    files[lock] = sorted_lock(files[lock])
    files[root / ".github/workflows" / f"{name}.yml"] = renamed(TEMPLATE / "birth/workflow.yml", name)
    return files


def platform_files(name: str, root: Path) -> dict[Path, str]:
    """The files of the platform and its operators, with what they add for the service."""
    dead_letters, bus, runbook = (root / place for place in ("platform/stacks/dead-letters.yaml", "platform/stacks/platform.yaml", "docs/runbook.md"))
    entries = with_before(runbook.read_text(encoding="utf-8"), "### undeliverable-dlq", renamed(TEMPLATE / "birth/runbook-dlq.md", name))
    return {
        dead_letters: with_before(
            dead_letters.read_text(encoding="utf-8"), "  # --- events that no target took", renamed(TEMPLATE / "birth/dead-letters.yaml", name)
        ),
        bus: with_permission_to_report(bus.read_text(encoding="utf-8"), name),
        runbook: with_before(entries, "\n## Relay lag", renamed(TEMPLATE / "birth/runbook-queue-age.md", name)),
    }


def renamed(path: Path, name: str) -> str:
    text = path.read_text(encoding="utf-8")
    if path.name == "Cargo.toml":
        # A service is one folder higher than the template.
        text = text.replace('path = "../../crates/', 'path = "../../platform/crates/').replace('path = "../../../contracts"', 'path = "../../contracts"')
    return text.replace(OLD, name).replace(OLD.capitalize(), name.capitalize())


def sorted_lock(text: str) -> str:
    """Cargo keeps packages in the order of their names, and refuses a locked build otherwise."""
    head, *packages = text.rstrip("\n").split("\n\n[[package]]\n")
    return "\n\n[[package]]\n".join([head, *sorted(packages, key=lambda package: package.split('"')[1])]) + "\n"


def with_before(text: str, line: str, piece: str) -> str:
    if text.count(f"\n{line}") != 1:
        raise Refused(f"the service has no place: `{line.strip()}` must be there once (was there {text.count(chr(10) + line)} times)")
    return text.replace(f"\n{line}", f"\n{piece}{line}")


def with_permission_to_report(text: str, name: str) -> str:
    """The statement OnlyConsumersSpeakForPlatform lists the roles that may report."""
    listed = re.compile(r"(  OnlyConsumersSpeakForPlatform:\n(?:(?!              - ).*\n)+(?:              - .*\n)*)(              - .*\n)")
    add = rf"\g<1>\g<2>              - !Sub 'arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/oms-${{Stage}}-{name}-*'\n"
    changed, times = listed.subn(add, text)
    if times != 1:
        raise Refused("OnlyConsumersSpeakForPlatform in platform/stacks/platform.yaml has no list of roles")
    return changed


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("name the service: just new-service NAME", file=sys.stderr)
        return 2
    try:
        written = create(arguments[0])
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    print("\n".join(str(path.relative_to(ROOT)) for path in written))
    print(f"next: just check-service {arguments[0]}, then docs/new-service.md", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
