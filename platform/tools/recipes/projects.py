"""The Cargo projects of this repository, each with its own lock file and built from its own folder.

    python3 platform/tools/recipes/projects.py fmt | lint | test | check [FOLDER…]
    python3 platform/tools/recipes/projects.py build [CARGO OPTION…]
    python3 platform/tools/recipes/projects.py release [NAME…]
    python3 platform/tools/recipes/projects.py targets [FOLDER]

A folder selects every project in it: `platform`, `services/orders`. Without one, all are selected. `build` and `release` take what
becomes a Lambda function; `targets` prints the test targets that need nothing that runs.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import dependencies
from command import Refused, exit_with, run

ROOT = Path(__file__).resolve().parents[3]
# In the order in which they build: what others are made of comes first.
PROJECTS = ("contracts", "contracts/*", "platform/crates/*", "platform/tools/*", "platform/tests/*", "platform/*", "platform/local/*", "services/*")
# These become Lambda functions, if they have a template. The template of new services has one too, and becomes none.
DEPLOYED = ("platform/local/*", "platform/*", "services/*")
CLIPPY = ("cargo", "clippy", "--locked", "--all-targets", "--", "-D", "warnings")
ARM = "aarch64-unknown-linux-gnu"


def projects(root: Path = ROOT) -> list[Path]:
    return _folders(root, PROJECTS, "Cargo.toml")


def deployed(root: Path = ROOT) -> list[Path]:
    return [folder for folder in _folders(root, DEPLOYED, "Cargo.toml") if (folder / "template.yaml").is_file()]


def _folders(root: Path, patterns: tuple[str, ...], file: str) -> list[Path]:
    found = [path.parent for pattern in patterns for path in sorted(root.glob(f"{pattern}/{file}"))]
    return list(dict.fromkeys(found))


def selected(names: list[str], root: Path = ROOT) -> list[Path]:
    """The projects in the named folders; a folder without a project is refused."""
    every = projects(root)
    folders = [root / name for name in names]
    for name, folder in zip(names, folders):
        if not any(project.is_relative_to(folder) for project in every):
            near = sorted(str(project.relative_to(root)) for project in every if project.parent == folder.parent)
            raise Refused(f"there is no project in '{name}', only: {', '.join(near or map(str, every))}")
    return [project for project in every if not folders or any(project.is_relative_to(folder) for folder in folders)]


def test_targets(folder: Path) -> list[str]:
    """The targets that need no deployed stage; none for a project whose tests all need one."""
    if not (folder / "src/lib.rs").is_file():
        return []
    files = [*folder.glob("tests/*.rs"), *folder.glob("tests/*/main.rs")]
    names = sorted(path.parent.name if path.name == "main.rs" else path.stem for path in files)
    return ["--lib", "--bins", *(part for name in names if not name.startswith("deployed") for part in ("--test", name))]


def fmt(project: Path) -> None:
    run(project, "cargo", "fmt")


def lint(project: Path) -> None:
    run(project, "cargo", "fmt", "--check")
    run(project, *CLIPPY)


def test(project: Path) -> None:
    targets = test_targets(project)
    if targets:
        run(project, "cargo", "test", "--locked", *targets)


def check(project: Path) -> None:
    lint(project)
    test(project)


def build(options: list[str], root: Path = ROOT) -> None:
    """The local bootstraps: the development profile, this machine's architecture."""
    for project in deployed(root):
        heading(project, root)
        run(project, "cargo", "build", *options)
    run(root, "omsctl", "package", "--binaries", str(target(root) / "debug"))


def release(names: list[str], root: Path = ROOT) -> None:
    """The bootstraps for AWS, and their sizes."""
    known = {project.name: project for project in deployed(root)}
    for name in names:
        if name not in known:
            raise Refused(f"there is no function named '{name}', only: {', '.join(sorted(known))}")
    crossed = architecture() == "arm64" and platform.machine() != "aarch64"
    command = ("cargo", "lambda", "build", "--release", "--arm64") if crossed else ("cargo", "build", "--release")
    for name in names or known:
        heading(known[name], root)
        run(known[name], *command)
    run(root, "omsctl", "package", "--binaries", str(target(root) / (f"{ARM}/release" if crossed else "release")), *names)


def architecture() -> str:
    """arm64 where it can be compiled for, else this machine's architecture; as the templates' parameter names it."""
    if platform.machine() == "aarch64":
        return "arm64"
    if not shutil.which("cargo-lambda"):
        return "x86_64"
    sysroot = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True).stdout.strip()
    return "arm64" if Path(sysroot, "lib/rustlib", ARM, "lib").is_dir() else "x86_64"


def target(root: Path = ROOT) -> Path:
    return Path(os.environ.get("CARGO_TARGET_DIR") or root / "target")


def heading(project: Path, root: Path = ROOT) -> None:
    print(f"── {project.relative_to(root)}", file=sys.stderr, flush=True)


def each(action, folders: list[str], root: Path = ROOT) -> None:
    for project in selected(folders, root):
        heading(project, root)
        action(project)


def main(arguments: list[str]) -> None:
    match arguments:
        case ["fmt" | "test" as name, *folders]:
            each(globals()[name], folders)
        case ["lint" | "check" as name, *folders]:
            each(globals()[name], folders)
            dependencies.check(selected(folders), ROOT)
        case ["build", *options]:
            build(options)
        case ["release", *names]:
            release(names)
        case ["targets"]:
            print(*test_targets(Path.cwd()))
        case ["targets", folder]:
            print(*test_targets(ROOT / folder))
        case _:
            raise Refused(__doc__.strip())


if __name__ == "__main__":
    exit_with(main)
