"""Log lines with the keys that the Logger of Powertools for AWS Lambda writes by default; importing that package would only slow the start."""

import json
import logging
import os
import sys
import traceback
from datetime import datetime, timezone

SERVICE = os.environ["POWERTOOLS_SERVICE_NAME"]


class Formatter(logging.Formatter):
    def __init__(self):
        super().__init__()
        self.context, self.cold_start = {}, True

    def enter(self, context):
        self.context = {
            "cold_start": self.cold_start,
            "function_name": context.function_name,
            "function_memory_size": str(context.memory_limit_in_mb),
            "function_arn": context.invoked_function_arn,
            "function_request_id": context.aws_request_id,
        }
        self.cold_start = False

    def format(self, record):
        at = datetime.fromtimestamp(record.created, timezone.utc)
        line = {
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "message": record.getMessage(),
            "timestamp": at.strftime("%Y-%m-%d %H:%M:%S,") + f"{at.microsecond // 1000:03}+0000",
            "service": SERVICE,
            **self.context,
            **getattr(record, "keys", {}),
        }
        if record.exc_info:
            line["exception"] = "".join(traceback.format_exception(*record.exc_info))
            line["exception_name"] = record.exc_info[0].__name__
        return json.dumps(line)


formatter = Formatter()
_handler = logging.StreamHandler(sys.stdout)
_handler.setFormatter(formatter)
_logger = logging.getLogger("textbook")
_logger.setLevel(logging.INFO)
_logger.propagate = False
_logger.handlers = [_handler]


def info(message, **keys):
    _logger.info(message, extra={"keys": keys}, stacklevel=2)


def exception(message, **keys):
    _logger.exception(message, extra={"keys": keys}, stacklevel=2)
