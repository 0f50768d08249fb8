"""Charges an order whose stock is reserved, counts the attempts, refunds what a cancelled order has paid."""

import os
import uuid

import gateway
from messaging import Refused, caused_by, consumer, dynamodb, inbox, now, outbox, read, write

TABLE = os.environ["PAYMENTS_TABLE"]
ATTEMPTS = 4


class TryLater(Exception):
    """Another attempt can succeed: the message comes back."""


def reserved(received):
    data = received["data"]
    payment = read("PAYMENTS_TABLE", orderId=data["orderId"])
    if payment and payment["status"] != "CHARGING":
        return f"the payment is {payment['status']}"
    payment = begin_attempt(data, payment)
    try:
        intent = gateway.create(payment, data["paymentMethod"])
        gateway.confirm(intent, payment)
    except gateway.Declined as declined:
        return finish(received, payment, "FAILED", "PaymentFailed.v1", {"attempts": payment["attempts"], "category": "DECLINED", "code": str(declined)})
    except gateway.Unavailable as unavailable:
        if payment["attempts"] < ATTEMPTS:
            raise TryLater(f"the gateway is not available: {unavailable}") from unavailable
        return give_up(received, payment, data["paymentMethod"])
    return succeed(received, payment, intent)


def begin_attempt(data, known):
    """Writes the attempt before the gateway is called, so that a crash does not hide it."""
    payment = known or {
        "orderId": data["orderId"],
        "paymentId": f"pay_{uuid.uuid4()}",
        "reservationId": data["reservationId"],
        "status": "CHARGING",
        "amount": data["total"],
        "currency": data["currency"],
        "attempts": 0,
    }
    attempt = {**payment, "attempts": int(payment["attempts"]) + 1, "updatedAt": now()}
    condition = {"ConditionExpression": "attribute_not_exists(orderId)"}
    if known:
        condition = {
            "ConditionExpression": "#status = :charging AND attempts = :attempts",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":charging": "CHARGING", ":attempts": known["attempts"]},
        }
    try:
        dynamodb.put_item(TableName=TABLE, Item=attempt, **condition)
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        raise TryLater("another invocation charges") from error
    return attempt


def give_up(received, payment, method):
    """After the last attempt: what can no longer be charged has failed."""
    intent = gateway.create(payment, method)
    if not gateway.cancel(intent):
        return succeed(received, payment, intent)
    return finish(received, payment, "FAILED", "PaymentFailed.v1", {"attempts": payment["attempts"], "category": "EXHAUSTED"})


def succeed(received, payment, intent):
    data = {
        "amount": payment["amount"],
        "currency": payment["currency"],
        "gatewayReference": intent,
        "attempt": payment["attempts"],
        "reservationId": payment["reservationId"],
    }
    return finish(received, payment, "SUCCEEDED", "PaymentSucceeded.v1", data, gatewayReference=intent)


def cancelled(received):
    payment = read("PAYMENTS_TABLE", orderId=received["subject"])
    if payment is None:
        # So that an InventoryReserved that comes later charges nothing.
        void = {"orderId": received["subject"], "paymentId": f"pay_{uuid.uuid4()}", "status": "VOIDED", "updatedAt": now()}
        put = {"Put": {"TableName": TABLE, "Item": void, "ConditionExpression": "attribute_not_exists(orderId)"}}
        try:
            write(inbox(received["id"]), put, outbox(caused_by(received, "PaymentVoided.v1", {"paymentId": void["paymentId"]})))
        except Refused as error:
            raise TryLater("a charge has begun meanwhile") from error
        return "payment voided"
    if payment["status"] == "CHARGING":
        raise TryLater("a charge is under way")
    if payment["status"] != "SUCCEEDED":
        return f"the payment is {payment['status']}"
    refund = gateway.refund(payment)
    data = {"refundId": refund, "amount": payment["amount"], "reason": "CANCELLED"}
    return finish(received, payment, "REFUNDED", "PaymentRefunded.v1", data, refundId=refund)


def finish(received, payment, status, kind, data, **values):
    """The payment's next status and the event about it, if nobody has changed the status since it was read."""
    values |= {"status": status, "updatedAt": now()}
    update = {
        "TableName": TABLE,
        "Key": {"orderId": payment["orderId"]},
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values),
        "ConditionExpression": "#status = :before",
        "ExpressionAttributeNames": {f"#{name}": name for name in values},
        "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()} | {":before": payment["status"]},
    }
    told = caused_by(received, kind, {"paymentId": payment["paymentId"], **data})
    try:
        write(inbox(received["id"]), {"Update": update}, outbox(told))
    except Refused:
        return "the payment has changed meanwhile"
    return f"payment {status}"


events = consumer({"InventoryReserved.v1": reserved, "OrderCancelled.v1": cancelled})
