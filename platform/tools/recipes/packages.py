"""The language as packages: a tarball for npm and a wheel for pip, each with its types, its schemas and a reader.

    python3 platform/tools/recipes/packages.py

Both are written to contracts/languages/build, and replace what is there. They have the version of the language, and say so if
it differs from its last release.
"""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from command import Refused, exit_with, run

ROOT = Path(__file__).resolve().parents[3]
BUILT = "contracts/languages/build"


def build(root: Path) -> list[Path]:
    """Builds both packages outside of the source folders, and returns their files."""
    to = root / BUILT
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        typescript(root, Path(scratch) / "typescript", to)
        python(root, Path(scratch) / "python", to)
    return sorted(to.iterdir())


def unreleased(root: Path) -> bool:
    """Whether the generated files are of a language that differs from its last release."""
    document = json.loads((root / "contracts/asyncapi.json").read_text(encoding="utf-8"))
    return document["info"]["version"].endswith("+unreleased")


def typescript(root: Path, staged: Path, to: Path) -> None:
    source = root / "contracts/languages/typescript"
    staged.mkdir()
    run(root, "contracts/node_modules/.bin/tsc", "-p", str(source / "tsconfig.package.json"), "--outDir", str(staged))
    package = json.loads((source / "package.json").read_text(encoding="utf-8"))
    package["version"] += "-unreleased" if unreleased(root) else ""
    (staged / "package.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
    shutil.copytree(root / "contracts/schemas", staged / "schemas")
    run(staged, "npm", "pack", "--silent", "--pack-destination", str(to), stdout=subprocess.DEVNULL)


def python(root: Path, staged: Path, to: Path) -> None:
    source = root / "contracts/languages/python"
    shutil.copytree(source, staged, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / "contracts/schemas", staged / "oms_contracts/schemas")
    if unreleased(root):
        project = staged / "pyproject.toml"
        project.write_text(re.sub(r'(?m)^(version = ".*)"$', r'\1+unreleased"', project.read_text(encoding="utf-8")), encoding="utf-8")
    run(staged, str(root / ".oms/node/bin/pip"), "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--wheel-dir", str(to), ".")


def main(arguments: list[str]) -> None:
    if arguments:
        raise Refused(__doc__.strip())
    for file in build(ROOT):
        print(file.relative_to(ROOT))


if __name__ == "__main__":
    exit_with(main)
