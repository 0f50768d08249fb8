"""An example: what a consumer in Python makes of the events that it is for.

    python consumer.py FILE… | -      each a CloudEvents object, or what EventBridge delivers around it (`detail`)
"""

import sys
from pathlib import Path

from pydantic import ValidationError

from oms_contracts import Unpublished, parse
from oms_contracts.events import OmsEvent, OrderCancelledV1, OrderCompletedV1, OrderCreatedV1


def heard(event: OmsEvent) -> str | None:
    """One line for people; nothing for a type that is not for us."""
    match event:
        case OrderCreatedV1(subject=order, data=data):
            pieces = sum(line.quantity for line in data.lines)
            return f"{order} placed: {pieces} pieces, {data.total} {data.currency} (minor units)"
        case OrderCompletedV1(subject=order):
            return f"{order} completed"
        case OrderCancelledV1(subject=order, data=data):
            return f"{order} cancelled: {data.reason}"
    return None


def main(files: list[str]) -> int:
    failed = 0
    for file in files:
        try:
            line = heard(parse(sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")))
            if line:
                print(line)
        except ValidationError as error:
            failed = 1
            for broken in error.errors(include_input=False, include_url=False):
                print(f"{file}: {error.title} at /{'/'.join(map(str, broken['loc']))}: {broken['msg']}", file=sys.stderr)
        except (Unpublished, ValueError, OSError) as error:
            failed = 1
            print(f"{file}: {error}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
