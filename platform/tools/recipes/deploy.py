"""Deploys stacks to AWS by `sam deploy`, one after the other, from the templates that the local stage has too.

    python3 platform/tools/recipes/deploy.py STAGE [TEMPLATE…]
    python3 platform/tools/recipes/deploy.py --check STAGE [TEMPLATE…]

Without templates, everything in the order of its needs: the platform, the sandbox gateway unless GATEWAY names another, the
watcher if WATCHER=on, the services, the schema registry. With --check it deploys nothing: it refuses what could not be deployed.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import projects
from command import Refused, exit_with, run

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
PLATFORM = ("platform/stacks/platform.yaml", "platform/stacks/dead-letters.yaml")
INSTALL = """\
deploy needs the AWS SAM CLI (pip install aws-sam-cli) and credentials of an AWS account in the environment or a profile
(AWS_PROFILE, AWS_REGION). For arm64 also cargo-lambda (pip install cargo-lambda) and
rustup target add aarch64-unknown-linux-gnu; without them it builds for this machine's architecture."""


def every_template(root: Path, gateway: str, watcher: str) -> list[str]:
    chosen = [*PLATFORM]
    chosen += ["platform/local/sandbox-gateway/template.yaml"] if gateway == "sandbox" else []
    chosen += ["platform/watcher/template.yaml"] if watcher == "on" else []
    services = sorted(str(path.relative_to(root)) for path in root.glob("services/*/template.yaml"))
    return [*chosen, *services, "contracts/template.yaml"]


def check(stage: str, templates: list[str], root: Path) -> None:
    """Refuses what could not be deployed, before anything is built."""
    if not re.fullmatch(r"[a-z][a-z0-9]{1,11}", stage):
        raise Refused(f"a stage's name has 2 to 12 lower-case letters and digits and begins with a letter (was '{stage}')")
    for template in templates:
        if not (root / template).is_file():
            known = ", ".join(sorted(path.parent.name for path in root.glob("services/*/template.yaml")))
            raise Refused(f"there is no template {template}; the services are {known}")
    if not shutil.which("sam"):
        raise Refused(INSTALL)


def deploy(stage: str, templates: list[str], root: Path) -> None:
    architecture = projects.architecture()
    for template in templates:
        stack = f"oms-{stage}-{stack_of(template)}"
        print(f"── {stack}", file=sys.stderr, flush=True)
        # sam passes on only those parameters that the template declares
        run(root, "sam", "deploy", "--template-file", template, "--stack-name", stack, "--resolve-s3", "--capabilities", *CAPABILITIES,
            "--no-confirm-changeset", "--no-fail-on-empty-changeset",
            "--parameter-overrides", f"Stage={stage}", "Emulated=false", f"Architecture={architecture}")


def stack_of(template: str) -> str:
    path = Path(template)
    return path.parent.name if path.stem == "template" else path.stem


def main(arguments: list[str], root: Path = projects.ROOT) -> None:
    dry = arguments[:1] == ["--check"]
    match arguments[1:] if dry else arguments:
        case [stage, *templates]:
            chosen = templates or every_template(root, os.environ.get("GATEWAY", "sandbox"), os.environ.get("WATCHER", "off"))
            check(stage, chosen, root)
            if not dry:
                deploy(stage, chosen, root)
        case _:
            raise Refused(__doc__.strip())


if __name__ == "__main__":
    exit_with(main)
