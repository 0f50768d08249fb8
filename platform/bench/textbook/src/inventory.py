"""Reserves all lines of an order or none, in one transaction; commits or releases them when the order is decided."""

import os
import uuid
from collections import Counter

from messaging import Refused, caused_by, consumer, inbox, now, outbox, read, write

STOCK = os.environ["STOCK_TABLE"]
RESERVATIONS = os.environ["RESERVATIONS_TABLE"]


def created(received):
    data = received["data"]
    wanted = pieces(data["lines"])
    reservation = {"orderId": data["orderId"], "reservationId": f"rsv_{uuid.uuid4()}", "lines": wanted, "at": now()}
    # It carries what payments needs, so that payments does not have to store OrderCreated.
    carried = {name: data[name] for name in ("customerId", "total", "currency", "paymentMethod")}
    reserved = caused_by(received, "InventoryReserved.v1", {"reservationId": reservation["reservationId"], "lines": wanted, **carried})
    try:
        write(inbox(received["id"]), new(reservation, "RESERVED"), *map(take, wanted), outbox(reserved))
    except Refused as refused:
        if 1 in refused.items:
            return "the order was cancelled before"
        rejected = caused_by(received, "InventoryRejected.v1", {"lines": wanted, "reason": "OUT_OF_STOCK"})
        write(inbox(received["id"]), new(reservation, "REJECTED"), outbox(rejected))
        return "stock does not suffice"
    return "stock reserved"


def confirmed(received):
    return settle(received, "COMMITTED", "SET reserved = reserved - :quantity", "InventoryCommitted.v1")


def cancelled(received):
    reservation = read("RESERVATIONS_TABLE", orderId=received["subject"])
    if reservation is None:
        # So that an OrderCreated that comes later reserves nothing.
        write(inbox(received["id"]), new({"orderId": received["subject"], "at": now()}, "RELEASED"))
        return "nothing was reserved yet"
    back = "SET available = available + :quantity, reserved = reserved - :quantity"
    return settle(received, "RELEASED", back, "InventoryReleased.v1", reservation)


def settle(received, status, change, kind, reservation=None):
    reservation = reservation or read("RESERVATIONS_TABLE", orderId=received["subject"])
    if reservation["status"] != "RESERVED":
        return f"the reservation is {reservation['status']}"
    told = caused_by(received, kind, {"reservationId": reservation["reservationId"]})
    moves = [stock(line, change) for line in reservation["lines"]]
    try:
        write(inbox(received["id"]), moved(received["subject"], status), *moves, outbox(told))
    except Refused:
        return "the reservation has ended"
    return f"reservation {status}"


def pieces(lines):
    """Pieces by sku: a transaction changes an item once."""
    wanted = Counter()
    for line in lines:
        wanted[line["sku"]] += int(line["quantity"])
    return [{"sku": sku, "quantity": quantity} for sku, quantity in sorted(wanted.items())]


def take(line):
    update = stock(line, "SET available = available - :quantity, reserved = reserved + :quantity")
    update["Update"]["ConditionExpression"] = "available >= :quantity"
    return update


def stock(line, change):
    values = {":quantity": line["quantity"]}
    return {"Update": {"TableName": STOCK, "Key": {"sku": line["sku"]}, "UpdateExpression": change, "ExpressionAttributeValues": values}}


def new(reservation, status):
    item = {**reservation, "status": status}
    return {"Put": {"TableName": RESERVATIONS, "Item": item, "ConditionExpression": "attribute_not_exists(orderId)"}}


def moved(order_id, status):
    return {
        "Update": {
            "TableName": RESERVATIONS,
            "Key": {"orderId": order_id},
            "UpdateExpression": "SET #status = :status",
            "ConditionExpression": "#status = :reserved",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":status": status, ":reserved": "RESERVED"},
        }
    }


events = consumer({"OrderCreated.v1": created, "OrderConfirmed.v1": confirmed, "OrderCancelled.v1": cancelled})
