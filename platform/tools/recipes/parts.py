"""Runs recipes one after the other, and closes with how long each took.

    python3 platform/tools/recipes/parts.py [--keep-going] 'RECIPE [ARGUMENT…] [+ RECIPE [ARGUMENT…]]'…

What stands after a `+` runs beside what is before it, for a recipe that mostly waits; its output follows when both have ended.
The first that fails ends it; with --keep-going the others still run, and the exit status is that of the first that failed.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from subprocess import STDOUT
from tempfile import TemporaryFile

from command import Failed, Refused, exit_with, run

ROOT = Path(__file__).resolve().parents[3]


def main(arguments: list[str], root: Path = ROOT) -> None:
    keep_going = arguments[:1] == ["--keep-going"]
    parts = arguments[1:] if keep_going else arguments
    if not parts or any(not part.strip() for part in parts):
        raise Refused(__doc__.strip())
    begun, ended = time.monotonic(), []
    for number, part in enumerate(parts, 1):
        if keep_going:
            print(f"── {number} of {len(parts)}: just {part} (after {span(time.monotonic() - begun)})", file=sys.stderr, flush=True)
        since = time.monotonic()
        failed = failure(root, part)
        took = time.monotonic() - since
        ended.append((part, took, failed))
        if failed:
            print(f"── failed: just {part}, after {span(took)}", file=sys.stderr)
            if not keep_going:
                raise failed
    print(table(ended), flush=True)
    for _, _, failed in ended:
        if failed:
            raise failed


def failure(root: Path, part: str) -> Failed | None:
    """Runs a recipe, and those beside it; how one of them failed, if one did."""
    shown, *beside = part.split(" + ")
    with ThreadPoolExecutor() as pool, ExitStack() as files:
        outputs = [files.enter_context(TemporaryFile("w+", errors="replace")) for _ in beside]
        kept = [pool.submit(one, root, recipe, stdout=file, stderr=STDOUT) for recipe, file in zip(beside, outputs)]
        failures = [one(root, shown), *(future.result() for future in kept)]
        for recipe, file in zip(beside, outputs):
            print(f"── beside it: just {recipe}", flush=True)
            file.seek(0)
            print(file.read(), end="", flush=True)
    return next((failed for failed in failures if failed), None)


def one(root: Path, recipe: str, **options) -> Failed | None:
    try:
        run(root, "just", *recipe.split(), **options)
    except Failed as failed:
        return failed
    return None


def table(ended: list[tuple[str, float, Failed | None]]) -> str:
    """One line for each part: its recipe, how long it took, and whether it failed."""
    failures = sum(failed is not None for _, _, failed in ended)
    width = max(14, *(len(part) for part, _, _ in ended))
    lines = [f"── {failures} of {len(ended)} failed" if failures else "── all passed"]
    lines += [f"{part:{width}} {span(took):>11}" + ("  failed" if failed else "") for part, took, failed in ended]
    return "\n".join(lines)


def span(seconds: float) -> str:
    """A duration as people say it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


if __name__ == "__main__":
    exit_with(main)
