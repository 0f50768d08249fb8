"""Outbox, inbox and consumer, alike in every service: what a team puts into its shared layer."""

import json
import os
import random
import time
import uuid
from datetime import datetime, timezone

import boto3

import logger

# DynamoDB deletes what is older; the blueprints choose this over a delete or a mark, because it costs no write.
KEPT_SECONDS = 7 * 86_400
CONFLICTS_TRIED = 8
LONGEST_WAIT_SECONDS = 60

# The resource's client takes and gives Python values.
dynamodb = boto3.resource("dynamodb").meta.client
sqs = boto3.client("sqs")


class Duplicate(Exception):
    """The inbox has the message: it was handled before."""


class Refused(Exception):
    """A condition of the transaction failed; `items` has the places of these items in it."""

    def __init__(self, items):
        super().__init__(f"the condition of {items} failed")
        self.items = items


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def expiry():
    return int(time.time()) + KEPT_SECONDS


def as_json(value):
    return json.dumps(value, default=int, separators=(",", ":"))


def event(kind, order_id, correlation_id, cause, data):
    return {
        "id": f"evt_{uuid.uuid4()}",
        "source": f"textbook.{logger.SERVICE}",
        "type": kind,
        "subject": order_id,
        "time": now(),
        "correlationid": correlation_id,
        "causationid": cause,
        "data": {"orderId": order_id, **data},
    }


def caused_by(cause, kind, data):
    """An event about the same order."""
    return event(kind, cause["subject"], cause["correlationid"], cause["id"], data)


def outbox(published):
    item = {"id": published["id"], "type": published["type"], "detail": as_json(published), "expiresAt": expiry()}
    return {"Put": {"TableName": os.environ["OUTBOX_TABLE"], "Item": item}}


def inbox(message_id, **kept):
    item = {"id": message_id, "expiresAt": expiry(), **kept}
    return {"Put": {"TableName": os.environ["INBOX_TABLE"], "Item": item, "ConditionExpression": "attribute_not_exists(id)"}}


def read(table, **key):
    return dynamodb.get_item(TableName=os.environ[table], Key=key, ConsistentRead=True).get("Item")


def write(in_inbox, *items):
    """Writes the inbox item, the state and the outbox item together, or nothing."""
    for conflicts in range(CONFLICTS_TRIED):
        try:
            return dynamodb.transact_write_items(TransactItems=[in_inbox, *items])
        except dynamodb.exceptions.TransactionCanceledException as error:
            codes = [reason["Code"] for reason in error.response["CancellationReasons"]]
            if codes[0] == "ConditionalCheckFailed":
                raise Duplicate from error
            refused = [place for place, code in enumerate(codes) if code == "ConditionalCheckFailed"]
            if refused:
                raise Refused(refused) from error
            if "TransactionConflict" not in codes or conflicts == CONFLICTS_TRIED - 1:
                raise
            time.sleep(random.uniform(0, 0.02 * 2**conflicts))


def consumer(handlers):
    """The Lambda handler of a queue: one function per event type, which returns what became of the event in a few words."""

    def handle(batch, context):
        logger.formatter.enter(context)
        failed = [record for record in batch["Records"] if not handled(handlers, record)]
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}

    return handle


def handled(handlers, record):
    keys = {"message_id": record["messageId"]}
    try:
        received = json.loads(record["body"])["detail"]
        keys |= {"correlation_id": received["correlationid"], "order_id": received["subject"], "event_type": received["type"]}
        logger.info("event received", event_id=received["id"], **keys)
        logger.info(outcome(handlers[received["type"]], received), **keys)
        return True
    except Exception:
        logger.exception("event failed", **keys)
        wait_longer(record)
        return False


def outcome(handler, received):
    try:
        return handler(received)
    except Duplicate:
        return "duplicate ignored"


def wait_longer(record):
    """The next receive waits twice as long as this one did, instead of the queue's visibility timeout."""
    seconds = min(2 ** int(record["attributes"]["ApproximateReceiveCount"]), LONGEST_WAIT_SECONDS)
    sqs.change_message_visibility(QueueUrl=os.environ["QUEUE_URL"], ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds)
