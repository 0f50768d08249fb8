"""As a tool of its own, away from the repository: `oms-lint TEMPLATE…`, or `python -m oms_lint TEMPLATE…`."""

import sys

from .command import main


def run() -> None:
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
