"""An example consumer: prints one line for each event that it handles.

    python consumer.py FILE… | -      CloudEvents objects, or EventBridge events with them as `detail`; each starts on a line of its own
"""

import re
import sys
from pathlib import Path

from pydantic import BaseModel, ValidationError

from oms_contracts import parse
from oms_contracts.events import OrderCancelledV1, OrderCompletedV1, OrderCreatedV1


def line(event: BaseModel) -> str | None:
    """One line for people; None for a type that this consumer ignores."""
    match event:
        case OrderCreatedV1(subject=order, data=data):
            pieces = sum(line.quantity for line in data.lines)
            return f"{order} placed: {pieces} pieces, {data.total} {data.currency} (minor units)"
        case OrderCompletedV1(subject=order):
            return f"{order} completed"
        case OrderCancelledV1(subject=order, data=data):
            return f"{order} cancelled: {data.reason}"
    return None


def reason(error: ValueError | OSError) -> str:
    """The event's type, the place, and the rule; never a value of the event."""
    if not isinstance(error, ValidationError):
        return str(error)
    broken = error.errors(include_input=False, include_url=False)
    claimed = re.sub(r"V(\d+)$", r".v\1", error.title)
    return f"{claimed}: " + "; ".join(f"/{'/'.join(map(str, each['loc']))} {each['msg']}" for each in broken)


def texts(file: str) -> list[str]:
    """Each event of a file or of standard input: a line that starts with `{` starts an event."""
    return re.split(r"\n(?=\{)", (sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")).strip())


def consume(file: str) -> int:
    """Prints a file's events and counts those that are invalid; an unreadable file counts as one."""
    failed = 0
    try:
        for text in texts(file):
            try:
                if handled := line(parse(text)):
                    print(handled)
            except ValueError as error:
                failed += 1
                print(f"{file}: {reason(error)}", file=sys.stderr)
    except (ValueError, OSError) as error:
        failed += 1
        print(f"{file}: {reason(error)}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(1 if sum(map(consume, sys.argv[1:])) else 0)
