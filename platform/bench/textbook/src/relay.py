"""Publishes what is new in an outbox table, from the table's stream."""

import os

import boto3

import logger

ENTRIES = 10
bus = boto3.client("events")


def handler(batch, context):
    logger.formatter.enter(context)
    # The stream also reports what its time to live has deleted.
    new = [record for record in batch["Records"] if record["eventName"] == "INSERT"]
    for first in range(0, len(new), ENTRIES):
        records = new[first : first + ENTRIES]
        answers = bus.put_events(Entries=[entry(record["dynamodb"]["NewImage"]) for record in records])["Entries"]
        for record, answer in zip(records, answers):
            if "ErrorCode" in answer:
                # Lambda sends this record and those after it again; the inboxes recognise what was published already.
                return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        logger.info("events published", event_types=[record["dynamodb"]["NewImage"]["type"]["S"] for record in records])
    return {"batchItemFailures": []}


def entry(item):
    return {
        "EventBusName": os.environ["BUS"],
        "Source": f"textbook.{logger.SERVICE}",
        "DetailType": item["type"]["S"],
        "Detail": item["detail"]["S"],
    }
