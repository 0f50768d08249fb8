"""Lints the templates of this repository, or those that are named.

    python platform/tools/lint/lint.py [TEMPLATE…]

Without arguments, every template, and whether the runbook fits them. Exits with 1 if there is a problem.
"""

import sys
from pathlib import Path

from oms_lint.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], repository=Path(__file__).resolve().parents[3]))
