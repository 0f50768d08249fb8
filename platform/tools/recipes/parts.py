"""Runs recipes one after the other, and closes with how long each took.

    python3 platform/tools/recipes/parts.py 'RECIPE [ARGUMENT…]'…

The first that fails ends it.
"""

import sys
import time
from pathlib import Path

from command import Failed, Refused, exit_with, run

ROOT = Path(__file__).resolve().parents[3]


def main(arguments: list[str], root: Path = ROOT) -> None:
    if not arguments:
        raise Refused(__doc__.strip())
    times = []
    for part in arguments:
        since = time.monotonic()
        try:
            run(root, "just", *part.split())
        except Failed:
            print(f"── failed: just {part}, after {time.monotonic() - since:.0f} s", file=sys.stderr)
            raise
        times.append(f"{part.split()[0]:14} {time.monotonic() - since:4.0f} s")
    print("── all passed", *times, sep="\n", flush=True)


if __name__ == "__main__":
    exit_with(main)
