"""The peer that does in Python what `orders events` does: for each message one GetItem and one PutItem, with boto3.

Its runtime client is leaner than the one that AWS ships for Python, and its rule knows one event; both favour it.
"""

import http.client
import json
import os
import time

import boto3

TABLE = os.environ["TABLE"]
dynamodb = boto3.client("dynamodb")


def handle(message: dict) -> None:
    event = json.loads(message["body"])["detail"]
    order = event["data"]["orderId"]
    item = dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": order}}, ConsistentRead=True)["Item"]
    read = item["version"]
    item["inventory"] = {"M": {"state": {"S": "RESERVED"}, "reservation": {"S": event["data"]["reservationId"]}, "expiresAt": {"S": event["data"]["expiresAt"]}}}
    item["version"] = {"N": str(int(read["N"]) + 1)}
    dynamodb.put_item(
        TableName=TABLE,
        Item=item,
        ConditionExpression="version = :read",
        ExpressionAttributeValues={":read": read},
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    line = {"level": "INFO", "timestamp": time.time(), "service": "orders", "order_id": order, "event_id": event["id"], "correlation_id": event["correlationid"], "message": "fact applied"}
    print(json.dumps(line), flush=True)


def main() -> None:
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        runtime.request("GET", "/2018-06-01/runtime/invocation/next")
        invocation = runtime.getresponse()
        request, batch, failures = invocation.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(invocation.read()), []
        for message in batch["Records"]:
            try:
                handle(message)
            except Exception as error:  # one message must not fail the others
                print(error, flush=True)
                failures.append({"itemIdentifier": message["messageId"]})
        runtime.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", json.dumps({"batchItemFailures": failures}))
        runtime.getresponse().read()


main()
