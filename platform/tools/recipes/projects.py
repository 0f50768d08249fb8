"""The Cargo projects of this repository, each with its own lock file and built from its own folder.

    python3 platform/tools/recipes/projects.py fmt | lint | test | check [FOLDER…]
    python3 platform/tools/recipes/projects.py targets [FOLDER]

A folder selects every project in it: `platform`, `services/orders`. Without one, all are selected. `targets` prints the test
targets that need no deployed stage.
"""

import sys
from pathlib import Path

import dependencies
from command import Refused, exit_with, run

ROOT = Path(__file__).resolve().parents[3]
# In the order in which they build: what others are made of comes first.
PROJECTS = ("contracts", "contracts/*", "platform/crates/*", "platform/tools/*", "platform/tests/*", "platform/*", "platform/local/*", "services/*")
CLIPPY = ("cargo", "clippy", "--locked", "--all-targets", "--", "-D", "warnings")


def projects(root: Path = ROOT) -> list[Path]:
    found = [path.parent for pattern in PROJECTS for path in sorted(root.glob(f"{pattern}/Cargo.toml"))]
    return list(dict.fromkeys(found))


def selected(names: list[str], root: Path = ROOT) -> list[Path]:
    """The projects in the named folders; a folder without a project is refused."""
    every = projects(root)
    folders = [root / name for name in names]
    for name, folder in zip(names, folders):
        if not any(project.is_relative_to(folder) for project in every):
            near = [project for project in every if project.parent == folder.parent] or every
            raise Refused(f"there is no project in '{name}', only: {', '.join(str(project.relative_to(root)) for project in near)}")
    return [project for project in every if not folders or any(project.is_relative_to(folder) for folder in folders)]


def test_targets(folder: Path) -> list[str]:
    """The targets that need no deployed stage; none for a project whose tests all need one.

    A project without a library is a program, or only tests of what is deployed: those say that their main is no program.
    """
    if not (folder / "src/lib.rs").is_file():
        is_program = (folder / "src/main.rs").is_file() and "autobins = false" not in (folder / "Cargo.toml").read_text()
        return ["--bins"] if is_program else []
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
        case ["targets"]:
            print(*test_targets(Path.cwd()))
        case ["targets", folder]:
            print(*test_targets(ROOT / folder))
        case _:
            raise Refused(__doc__.strip())


if __name__ == "__main__":
    exit_with(main)
