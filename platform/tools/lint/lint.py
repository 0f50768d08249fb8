"""Lints the templates of this repository, or those that are named; without a name also its manifests, recipes, documents and picture.

    python platform/tools/lint/lint.py [TEMPLATE…]

Exits with 1 if there is a problem.
"""

import sys
from pathlib import Path

import oms_repository
from oms_lint.command import main

ROOT = Path(__file__).resolve().parents[3]

if __name__ == "__main__":
    status = main(sys.argv[1:], repository=ROOT)
    if len(sys.argv) == 1:
        status = max(status, oms_repository.main(ROOT))
    sys.exit(status)
