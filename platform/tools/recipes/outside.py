"""Follows docs/consume-from-outside.md word by word, as two teams elsewhere: one in Python, one in TypeScript.

    python3 platform/tools/recipes/outside.py

Each begins in an empty directory with the template and the package, and runs the page's blocks of code in their order. The system
runs on an emulator of its own, from what `just test-deployed` or `just build-local` has built.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, NamedTuple

import packages
from command import Failed, Refused, exit_with, run

ROOT = Path(__file__).resolve().parents[3]
PAGE = "docs/consume-from-outside.md"
STAGE, PORT = "outside", 4640
# What the page lets its reader say: as it is written, and as it is here.
SAYS = {"STAGE=local": f"STAGE={STAGE}", "http://127.0.0.1:4566": "{endpoint}"}
PATIENCE = 120
FENCE = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A block of code of the page: its section, its line, its language, and who runs it or the file that it is."""

    section: str
    line: int
    language: str
    target: str
    code: str


@dataclass(frozen=True)
class Team:
    """One reader of the page: the sections that are alternatives, and the files that it begins with."""

    name: str
    sections: tuple[str, str]
    files: tuple[str, str]


TEAMS = (Team("python", ("In the account of the bus", "In Python"), ("docs/consume-from-outside/same-account.yaml", "*.whl")),
         Team("typescript", ("In another account", "In TypeScript"), ("docs/consume-from-outside/other-account.yaml", "*.tgz")))
ALTERNATIVES = {section for team in TEAMS for section in team.sections}
# Orders are placed once the queue is there, and before its consumer runs.
RECEIVING = {"In Python", "In TypeScript"}


def blocks(page: str) -> Iterator[Block]:
    for found in FENCE.finditer(page):
        before = page[:found.start()]
        section = re.findall(r"^##+ (.+)$", before, re.MULTILINE)[-1]
        yield Block(section, before.count("\n") + 1, *found.groups())


def script(page: str, team: Team, root: Path) -> str:
    """What the team runs, as one shell script: a block of another language is the file that it names."""
    parts = ["set -euo pipefail", "trap 'echo \"failed at line $line\" >&2' ERR"]
    begun = False
    for block in blocks(page):
        if block.section in ALTERNATIVES and block.section not in team.sections:
            continue
        if block.section in RECEIVING and not begun:
            parts.append("touch ready")
            begun = True
        if block.section in RECEIVING and block.target:
            parts.append("until [[ -e placed ]]; do sleep 0.1; done")
        parts.append(f"line={block.line}")
        if block.language == "sh":
            parts.append(f'(cd "{root}"; {block.code})' if block.target == "operators" else block.code)
        elif block.target:  # a block without a name is only to be read
            parts.append(f"cat >{block.target} <<'END OF {block.target}'\n{block.code}END OF {block.target}")
    return "\n".join(parts) + "\n"


def as_here(page: str, team: Team, endpoint: str) -> str:
    """The page with what its reader fills in."""
    for written, here in {**SAYS, "CONSUMER=shipping": f"CONSUMER={team.name}"}.items():
        if page.count(written) != 1:
            raise Refused(f"{PAGE} has `{written}` {page.count(written)} times, not once")
        page = page.replace(written, here.format(endpoint=endpoint))
    return page


class Following:
    """A team that follows the page."""

    def __init__(self, root: Path, team: Team, endpoint: str, folder: Path):
        self.team, self.folder, self.log = team, folder, folder.parent / f"{team.name}.log"
        folder.mkdir()
        template, package = team.files
        shutil.copy(root / template, folder)
        shutil.copy(next((root / packages.BUILT).glob(package)), folder)
        text = script(as_here((root / PAGE).read_text("utf-8"), team, endpoint), team, root)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(["bash", "-c", text], cwd=folder, env=environment(root), stdout=log, stderr=log)

    def until_its_queue_is_there(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not (self.folder / "ready").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.fail("did not come to receiving")
            time.sleep(0.1)

    def receives(self) -> str:
        (self.folder / "placed").touch()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            status = None
        if status != 0:
            self.fail("did not come to the end of the page" if status is None else "could not follow the page")
        return self.log.read_text("utf-8")

    def fail(self, why: str) -> None:
        self.process.kill()
        print(f"{self.log.read_text('utf-8')}── {PAGE}, in {self.team.name}: the team {why}", file=sys.stderr)
        raise Failed(1)


def environment(root: Path) -> dict[str, str]:
    """What the page presumes is installed, and no address or key of the caller."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "OMS_"))}
    return {**inherited, "PATH": f"{root / '.oms/node/bin'}{os.pathsep}{os.environ['PATH']}", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""}


def strange(root: Path) -> list[dict]:
    """What a team must be ready for: fields and a value of a later minor, the same event twice, and one that breaks its schema."""
    def event(number: int, event_type: str, subject: str, data: dict, **more) -> dict:
        sample = json.loads((root / f"contracts/samples/{event_type}.1.json").read_text("utf-8"))
        return {**sample, "id": f"evt_00000000-0000-5000-8000-{number:012}", "subject": subject, **more, "data": {**sample["data"], **data}}
    later = event(1, "OrderCreated.v1", "later", {"news": {"a": 1}}, news=1)
    return [later, later, event(2, "OrderCancelled.v1", "later", {"reason": "NEVER_HEARD"}), event(3, "OrderCreated.v1", "broken", {"total": "free"})]


def publish(root: Path, events: list[dict], endpoint: str) -> None:
    entries = [{"EventBusName": f"oms-{STAGE}", "Source": event["source"], "DetailType": event["type"], "Detail": json.dumps(event)} for event in events]
    local = {"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    command = (str(root / ".oms/node/bin/aws"), "events", "put-events", "--entries", json.dumps(entries))
    run(root, *command, env={**environment(root), **local}, stdout=subprocess.DEVNULL)


def missing(said: str, orders: list[str]) -> list[str]:
    """What a team must have printed, and has not."""
    wanted = [rf"^{order} placed: \d+ EUR, 1 lines$" for order in orders] + [rf"^{order} (completed|cancelled: \w+)$" for order in orders]
    wanted += [r"^later placed: ", r"^later cancelled: ", r"^refused, not deleted: .*"]
    found = [pattern for pattern in wanted if len(re.findall(pattern, said, re.MULTILINE)) != 1]
    return found + (["nothing of the event that breaks its schema"] if "broken placed" in said else [])


def declare(root: Path, declaration: Path, scratch: Path) -> None:
    """Puts a team's declaration where it goes, in a copy of the language, and asks who reads the field that it names."""
    copy = scratch / "language"
    for file in (root / "contracts/schemas", root / "contracts/samples", *root.glob("services/*/events.toml")):
        to = copy / file.relative_to(root)
        to.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if file.is_dir() else shutil.copy)(file, to)
    (copy / "contracts/consumers").mkdir()
    shutil.copy(declaration, copy / "contracts/consumers")
    told = built(root, "contracts", "--root", str(copy), "who-breaks", "OrderCreated.v1", "/data/total")
    if "shipping@shop.example" not in told:
        print(f"{told}── {PAGE}: a change would not name the consumer that declares itself so", file=sys.stderr)
        raise Failed(1)


def built(root: Path, program: str, *arguments: str) -> str:
    """What one of our own programs prints."""
    folder = Path(os.environ.get("CARGO_TARGET_DIR", root / "target")) / "debug"
    done = subprocess.run([str(folder / program), *arguments], cwd=root, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise Failed(done.returncode)
    return done.stdout


def follow(root: Path, scratch: Path) -> None:
    packages.build(root)
    endpoint = json.loads(built(root, "omsctl", "env", "--stage", STAGE, "--json"))["endpoint"]
    teams = [Following(root, team, endpoint, scratch / team.name) for team in TEAMS]
    try:
        for team in teams:
            team.until_its_queue_is_there()
        orders = sorted(set(re.findall(r"ord_[0-9a-f-]{36}(?=  )", built(root, "omsctl", "demo", "--stage", STAGE))))
        publish(root, strange(root), endpoint)
        for team in teams:
            lacks = missing(team.receives(), orders)
            if lacks:
                team.fail(f"did not print exactly once: {'; '.join(lacks)}")
        declare(root, teams[0].folder / "shipping.toml", scratch)
    finally:
        for team in teams:
            team.process.kill()
    print(f"{PAGE}: followed in {' and '.join(team.name for team in TEAMS)}; {len(orders)} orders received", file=sys.stderr)


def main(arguments: list[str]) -> None:
    if arguments:
        raise Refused(__doc__.strip())
    # what a run that was killed has left
    built(ROOT, "omsctl", "down", "--stage", STAGE)
    try:
        built(ROOT, "omsctl", "up", "--stage", STAGE, "--port", str(PORT))
        with tempfile.TemporaryDirectory() as scratch:
            follow(ROOT, Path(scratch))
    finally:
        built(ROOT, "omsctl", "down", "--stage", STAGE)


if __name__ == "__main__":
    exit_with(main)
