"""Accepts orders, follows them by events, and decides how they end."""

import json
import os
import uuid

import logger
from messaging import Duplicate, Refused, as_json, caused_by, consumer, event, inbox, now, outbox, read, write

TABLE = os.environ["ORDERS_TABLE"]
OPEN = ["PENDING", "INVENTORY_RESERVED"]


# --- API -----------------------------------------------------------------------------------------------------------------


def api(request, context):
    logger.formatter.enter(context)
    status, body = routes[request["routeKey"]](request)
    logger.info("request answered", route=request["routeKey"], status=status, order_id=body.get("orderId"))
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": as_json(body)}


def customer(request):
    return request["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]


def place(request):
    body, key = json.loads(request.get("body") or "{}"), request["headers"].get("idempotency-key")
    if not key:
        return 400, {"title": "the header Idempotency-Key is missing"}
    if not body.get("lines") or any(line["quantity"] < 1 for line in body["lines"]):
        return 422, {"title": "an order has at least one line, and a line at least one piece"}
    order = accepted(customer(request), body)
    created = event("OrderCreated.v1", order["orderId"], order["correlationId"], order["orderId"], contents(order))
    command = f"{order['customerId']}#{key}"
    try:
        write(
            inbox(command, orderId=order["orderId"]),
            {"Put": {"TableName": TABLE, "Item": order, "ConditionExpression": "attribute_not_exists(orderId)"}},
            outbox(created),
        )
    except Duplicate:
        return 201, read("ORDERS_TABLE", orderId=read("INBOX_TABLE", id=command)["orderId"])
    return 201, order


def accepted(customer_id, body):
    at, order_id = now(), f"ord_{uuid.uuid4()}"
    return {
        "orderId": order_id,
        "customerId": customer_id,
        "status": "PENDING",
        "lines": body["lines"],
        "total": sum(line["quantity"] * line["unitPrice"] for line in body["lines"]),
        "currency": body["currency"],
        "paymentMethod": body["paymentMethod"],
        "placedAt": at,
        "updatedAt": at,
        "correlationId": f"cor_{uuid.uuid4()}",
    }


def contents(order):
    return {name: order[name] for name in ("customerId", "lines", "total", "currency", "paymentMethod", "placedAt")}


def show(request):
    order = read("ORDERS_TABLE", orderId=request["pathParameters"]["id"])
    if not order or order["customerId"] != customer(request):
        return 404, {"title": "Order not found"}
    return 200, order


def cancel(request):
    status, order = show(request)
    if status != 200:
        return status, order
    ended = event("OrderCancelled.v1", order["orderId"], order["correlationId"], order["orderId"], ending(order, "CUSTOMER"))
    try:
        write(inbox(f"cancel#{order['orderId']}"), moved(order["orderId"], "CANCELLED", OPEN), outbox(ended))
    except Duplicate:
        pass
    except Refused:
        return 409, {"title": "Order can no longer be cancelled"}
    return 200, read("ORDERS_TABLE", orderId=order["orderId"])


routes = {"POST /orders": place, "GET /orders/{id}": show, "POST /orders/{id}/cancellation": cancel}


# --- Events --------------------------------------------------------------------------------------------------------------


def reserved(received):
    data = received["data"]
    return follow(received, moved(data["orderId"], "INVENTORY_RESERVED", ["PENDING"], reservationId=data["reservationId"]))


def rejected(received):
    return end(received, "REJECTED", "OUT_OF_STOCK")


def paid(received):
    data = received["data"]
    known = {name: data[name] for name in ("paymentId", "reservationId")}
    confirmed = caused_by(received, "OrderConfirmed.v1", known)
    return follow(received, moved(data["orderId"], "CONFIRMED", OPEN, **known), outbox(confirmed))


def payment_failed(received):
    return end(received, "PAYMENT_FAILED", "PAYMENT_FAILED")


def committed(received):
    order = read("ORDERS_TABLE", orderId=received["subject"])
    data = {name: order[name] for name in ("customerId", "total", "currency")}
    completed = caused_by(received, "OrderCompleted.v1", {**data, "completedAt": now()})
    return follow(received, moved(order["orderId"], "COMPLETED", ["CONFIRMED"]), outbox(completed))


def refunded(received):
    return follow(received, moved(received["subject"], "CANCELLED", ["CANCELLED"], refund="REFUNDED"))


def end(received, status, reason):
    order = read("ORDERS_TABLE", orderId=received["subject"])
    cancelled = caused_by(received, "OrderCancelled.v1", ending(order, reason))
    return follow(received, moved(order["orderId"], status, OPEN), outbox(cancelled))


def ending(order, reason):
    return {"customerId": order["customerId"], "reason": reason}


def follow(received, *items):
    try:
        write(inbox(received["id"]), *items)
    except Refused:
        return f"{received['type']} changes nothing any more"
    return f"{received['type']} applied"


def moved(order_id, status, allowed, **values):
    """An order's next status, if it has one of the allowed ones."""
    values |= {"status": status, "updatedAt": now()}
    return {
        "Update": {
            "TableName": TABLE,
            "Key": {"orderId": order_id},
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values),
            "ConditionExpression": "#status IN (" + ", ".join(f":allowed{n}" for n in range(len(allowed))) + ")",
            "ExpressionAttributeNames": {f"#{name}": name for name in values},
            "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}
            | {f":allowed{n}": name for n, name in enumerate(allowed)},
        }
    }


events = consumer(
    {
        "InventoryReserved.v1": reserved,
        "InventoryRejected.v1": rejected,
        "InventoryCommitted.v1": committed,
        "PaymentSucceeded.v1": paid,
        "PaymentFailed.v1": payment_failed,
        "PaymentRefunded.v1": refunded,
    }
)
