"""Sends one mail about each end of an order."""

import os
import uuid

import boto3

from messaging import Refused, caused_by, consumer, dynamodb, inbox, now, outbox, read, write

TABLE = os.environ["NOTIFICATIONS_TABLE"]
mail = boto3.client("sesv2")


def completed(received):
    data = received["data"]
    total = f"{int(data['total']) / 100:.2f} {data['currency']}"
    return notify(received, "order_completed", "Your order is complete", f"Order {data['orderId']} is complete. Total: {total}.")


def cancelled(received):
    data = received["data"]
    return notify(received, "order_cancelled", "Your order was cancelled", f"Order {data['orderId']} was cancelled: {data['reason']}.")


def notify(received, template, subject, text):
    notification = f"{received['subject']}#{template}"
    contact = read("CONTACTS_TABLE", customerId=received["data"]["customerId"])
    if not claim(notification):
        return "the mail was sent before"
    if contact is None:
        return record(received, notification, template, "FAILED", "NotificationFailed.v1")
    try:
        send(contact["email"], subject, text)
    except Exception:
        # As Powertools' idempotency does: what failed may be tried again.
        dynamodb.delete_item(TableName=TABLE, Key={"id": notification})
        raise
    return record(received, notification, template, "SENT", "NotificationSent.v1")


def claim(notification):
    """Whether this invocation is the one that sends."""
    item = {"id": notification, "status": "IN_PROGRESS", "updatedAt": now()}
    try:
        dynamodb.put_item(TableName=TABLE, Item=item, ConditionExpression="attribute_not_exists(id)")
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def send(address, subject, text):
    content = {"Simple": {"Subject": {"Data": subject}, "Body": {"Text": {"Data": text}}}}
    mail.send_email(FromEmailAddress=os.environ["SENDER_ADDRESS"], Destination={"ToAddresses": [address]}, Content=content)


def record(received, notification, template, status, kind):
    update = {
        "TableName": TABLE,
        "Key": {"id": notification},
        "UpdateExpression": "SET #status = :status, updatedAt = :at",
        "ConditionExpression": "#status = :claimed",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":status": status, ":at": now(), ":claimed": "IN_PROGRESS"},
    }
    told = caused_by(received, kind, {"notificationId": f"ntf_{uuid.uuid5(uuid.NAMESPACE_URL, notification)}", "channel": "EMAIL", "template": template})
    try:
        write(inbox(received["id"]), {"Update": update}, outbox(told))
    except Refused:
        return "the notification has changed meanwhile"
    return f"notification {status}"


events = consumer({"OrderCompleted.v1": completed, "OrderCancelled.v1": cancelled})
