"""Makes a new service: `just new-service NAME [--publishes EVENT]`.

    python3 platform/tools/new-service/birth/create.py NAME [--publishes EVENT]

The folder above is a service named `newcomer` that builds, lints and passes. This program copies it to services/NAME under
the new name, with a pipeline of its own. It also adds what only others can give: the dead-letter queue with its alarm,
permission to report what the service parks, the alarms' entries in the runbook, a row in the README.

With an event it applies publishing.patch, which holds all that a publisher has more: the decision, its contract, the relay.
It also adds the event to the published language, and keeps others from publishing under the service's source.
docs/new-service.md has the next steps.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from model import BIRTH, OLD, ROOT, TEMPLATE, Refused, Service, format_files, formatted, rendered, write
from places import EVERY_SERVICE, PUBLISHERS

NOT_COPIED = {"birth", "build", "target"}
NAME = "a service's name must have 3 to 20 lower-case letters and digits, and begin with a letter"
EVENT = "an event's name must be at least two words in the past tense, each with a capital, and without its version: PointsEarned becomes PointsEarned.v1"
USAGE = "name the service: just new-service NAME [--publishes EVENT]"
# Names of stacks, and words that Rust reserves.
TAKEN = {"platform", "contracts", "test", "core", "std", "alloc", OLD}
TAKEN |= set("async await break const continue crate dyn else enum extern false fn for impl let loop match mod move mut pub ref return "
             "self static struct super trait true type unsafe use where while abstract become box final macro override priv try "
             "typeof unsized virtual yield gen union".split())


def create(service: Service, root: Path = ROOT) -> list[Path]:
    """Writes the service, and returns the files that were written or changed."""
    check_name(service.name, root)
    if service.event is not None:
        check_event(service.event, root)
    files = service_files(service, root) | language_files(service, root) | changed(service, root)
    write(files)
    return sorted(files)


def check_name(name: str, root: Path) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]{2,19}", name):
        raise Refused(f"{NAME} (was '{name}')")
    if (root / "services" / name).exists():
        raise Refused(f"the service {name} exists already: services/{name}")
    crates = re.findall(r'^name = "(.+)"$', (TEMPLATE / "Cargo.lock").read_text(encoding="utf-8"), re.MULTILINE)
    if name in TAKEN or name in crates:
        raise Refused(f"'{name}' is taken: it is the name of a stack, of a crate or a word of Rust")
    if name in programs():
        raise Refused(f"'{name}' is taken: it is a program of this repository")
    if name in imported():
        raise Refused(f"'{name}' is taken: the code of a new service imports something of this name")
    command = command_of_this_machine(name)
    if command:
        # The recipes find what was built here first.
        raise Refused(f"'{name}' is taken: it is a command of this machine ({command}), and the recipes would run the service in its place")
    for template in [*root.glob("platform/**/*.yaml"), *root.glob("services/*/template.yaml")]:
        if re.search(rf"oms-\$\{{Stage\}}-{name}(-dlq)?'", template.read_text(encoding="utf-8")):
            raise Refused(f"'{name}' is taken: {template.relative_to(root)} has a resource oms-<stage>-{name}")
    if (root / f"contracts/src/{name}.rs").exists():
        raise Refused(f"'{name}' is taken: contracts/src/{name}.rs is a module of the published language")


def check_event(event: str, root: Path) -> None:
    if not re.fullmatch(r"(?:[A-Z][a-z0-9]+){2,}", event) or len(event) > 60:
        raise Refused(f"{EVENT} (was '{event}')")
    for path in sorted(root.glob("contracts/src/**/*.rs")):
        if re.search(rf"\b{event}\b", path.read_text(encoding="utf-8")):
            raise Refused(f"'{event}' is taken: {path.relative_to(root)} uses this name")
    if list(root.glob(f"contracts/releases/schemas/{event}.v*.json")):
        raise Refused(f"'{event}' is taken: a release has an event of this name, and the archive still contains it")


def programs() -> set[str]:
    """The packages and programs of this repository that are not services; all are built into one folder."""
    manifests = [ROOT / "contracts/cli/Cargo.toml", *ROOT.glob("platform/*/Cargo.toml"), *ROOT.glob("platform/*/*/Cargo.toml")]
    named = {name for manifest in manifests for name in re.findall(r'^name = "(.+)"$', manifest.read_text(encoding="utf-8"), re.MULTILINE)}
    return named | {path.stem for manifest in manifests for path in manifest.parent.glob("src/bin/*")}


def imported() -> set[str]:
    """A crate of the same name as something that its own code imports would make that name ambiguous."""
    lines = [line for path in [*TEMPLATE.glob("src/**/*.rs"), *TEMPLATE.glob("tests/*.rs"), BIRTH / "publishing.patch"]
             for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"\+?(?:pub(?:\(super\))? )?(?:use|mod) ", line)]
    return {name for line in lines for name in re.findall(r"\b[a-z]\w+", line)}


def command_of_this_machine(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join(folder for folder in os.get_exec_path() if not folder.endswith("/debug")))


def service_files(service: Service, root: Path) -> dict[Path, str]:
    """The new service's own files."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / OLD
        shutil.copytree(TEMPLATE, template, ignore=lambda at, names: NOT_COPIED & set(names) if Path(at) == TEMPLATE else [])
        if service.publishes:
            apply(BIRTH / "publishing.patch", template)
        inside = [path for path in sorted(template.rglob("*")) if path.is_file()]
        write({path: own(path, service) for path in inside})
        format_files([path for path in inside if path.suffix == ".rs"], root)
        files = {root / "services" / service.name / path.relative_to(template): path.read_text(encoding="utf-8") for path in inside}
    lock = root / "services" / service.name / "Cargo.lock"
    files[lock] = sorted_lock(files[lock])
    files[root / ".github/workflows" / f"{service.name}.yml"] = rendered("workflow.yml", service)
    return files


def apply(patch: Path, folder: Path) -> None:
    # It lies outside of every repository, so that no other folder is meant.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    applied = subprocess.run(["git", "apply", str(patch)], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if applied.returncode:
        raise Refused(f"{patch.relative_to(ROOT)} no longer fits the template: {applied.stderr.strip()}")


def own(path: Path, service: Service) -> str:
    text = path.read_text(encoding="utf-8")
    if path.name == "Cargo.toml":
        # A service is one folder higher than the template.
        text = text.replace('path = "../../crates/', 'path = "../../platform/crates/').replace('path = "../../../contracts"', 'path = "../../contracts"')
    return service.named(text)


def sorted_lock(text: str) -> str:
    """Cargo keeps packages in the order of their names, and refuses a locked build otherwise."""
    head, *packages = text.rstrip("\n").split("\n\n[[package]]\n")
    return "\n\n[[package]]\n".join([head, *sorted(packages, key=lambda package: package.split('"')[1])]) + "\n"


def language_files(service: Service, root: Path) -> dict[Path, str]:
    """The event's type and its samples."""
    if not service.publishes:
        return {}
    places = {"contracts/event.rs": f"contracts/src/{service.name}.rs", "contracts/samples.rs": f"contracts/src/samples/{service.name}.rs"}
    return {root / place: formatted(rendered(piece, service), root) for piece, place in places.items()}


def changed(service: Service, root: Path) -> dict[Path, str]:
    """The files of others, with what they add for the service."""
    places = {**EVERY_SERVICE, **(PUBLISHERS if service.publishes else {})}
    texts = {place: add((root / place).read_text(encoding="utf-8"), service) for place, (add, _) in places.items()}
    return {root / place: formatted(text, root) if place.endswith(".rs") else text for place, text in texts.items()}


def main(arguments: list[str]) -> int:
    match arguments:
        case [name] | [name, "--publishes", _] | ["--publishes", _, name] if not name.startswith("-"):
            service = Service(name, arguments[arguments.index("--publishes") + 1] if "--publishes" in arguments else None)
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    try:
        written = create(service)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    print("\n".join(str(path.relative_to(ROOT)) for path in written))
    pin = f"just pin-events {name}, " if service.publishes else ""
    print(f"next: {pin}just check-service {name}, just contracts, just picture; then docs/new-service.md", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
