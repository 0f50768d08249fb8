# Generated from contracts/schemas by `just contracts`. Do not edit.

from __future__ import annotations

from typing import Annotated, Literal

from oms_contracts.enumerations import (
    AttemptFailure,
    CancelReason,
    Channel,
    NotificationFailure,
    PaymentFailure,
    RefundReason,
    RejectReason,
    Template,
)
from oms_contracts.model import Model
from pydantic import AwareDatetime, Field, RootModel


class ReservedLine(Model):
    """
    What is held of one sku.
    """

    quantity: Annotated[int, Field(ge=1, le=4294967295)]
    """
    How many pieces.
    """
    sku: Annotated[str, Field(pattern='^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$')]
    """
    What is held.
    """


class NotificationSentV1Data(Model):
    """
    A message to the customer was handed to its channel.
    """

    channel: Channel
    """
    How it was sent.
    """
    notification_id: Annotated[
        str,
        Field(
            alias='notificationId',
            pattern='^ntf_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The message.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    template: Template
    """
    What it was made from.
    """


class NotificationSentV1(Model):
    """
    A message to the customer was handed to its channel.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: NotificationSentV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/NotificationSent.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.notifications']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['NotificationSent.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class OrderCancelledV1Data(Model):
    """
    The order ended without a sale: what is held will be released, what was charged will be returned.
    """

    customer_id: Annotated[
        str | None,
        Field(alias='customerId', pattern='^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$'),
    ] = None
    """
    Who placed it.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    reason: CancelReason
    """
    Why it was cancelled.
    """


class OrderCancelledV1(Model):
    """
    The order ended without a sale: what is held will be released, what was charged will be returned.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: OrderCancelledV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/OrderCancelled.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.orders']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['OrderCancelled.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class OrderCompletedV1Data(Model):
    """
    The order is paid and its stock is sold: a final state.
    """

    completed_at: Annotated[AwareDatetime, Field(alias='completedAt')]
    """
    When the order was completed.
    """
    currency: Annotated[str, Field(pattern='^[A-Z]{3}$')]
    """
    Currency of the total.
    """
    customer_id: Annotated[
        str | None,
        Field(alias='customerId', pattern='^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$'),
    ] = None
    """
    Who placed it.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    total: Annotated[int, Field(ge=0, le=9007199254740991)]
    """
    What was paid for the whole order, in minor units of `currency`.
    """


class OrderCompletedV1(Model):
    """
    The order is paid and its stock is sold: a final state.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: OrderCompletedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/OrderCompleted.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.orders']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['OrderCompleted.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class OrderLine(Model):
    """
    One line of an order.
    """

    line_id: Annotated[int, Field(alias='lineId', ge=1, le=4294967295)]
    """
    Number of the line within its order, from 1.
    """
    quantity: Annotated[int, Field(ge=1, le=4294967295)]
    """
    How many pieces.
    """
    sku: Annotated[str, Field(pattern='^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$')]
    """
    What is sold.
    """
    unit_price: Annotated[int, Field(alias='unitPrice', ge=0, le=9007199254740991)]
    """
    Price of one piece, in minor units of the order's currency.
    """


class PaymentAttemptFailedV1Data(Model):
    """
    One attempt to charge did not succeed; the payment is still undecided.
    """

    attempt: Annotated[int, Field(ge=1, le=4294967295)]
    """
    Number of the attempt, from 1.
    """
    category: AttemptFailure
    """
    What kind of failure it was.
    """
    code: str
    """
    The gateway's or the network's own word for it, for example `http_503`.
    """
    next_attempt_at: Annotated[AwareDatetime | None, Field(alias='nextAttemptAt')] = (
        None
    )
    """
    When the next attempt is due; absent after the last.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    payment_id: Annotated[
        str,
        Field(
            alias='paymentId',
            pattern='^pay_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The payment.
    """


class PaymentAttemptFailedV1(Model):
    """
    One attempt to charge did not succeed; the payment is still undecided.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: PaymentAttemptFailedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/PaymentAttemptFailed.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.payments']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['PaymentAttemptFailed.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class PaymentSucceededV1Data(Model):
    """
    The order's total was charged.
    """

    amount: Annotated[int, Field(ge=0, le=9007199254740991)]
    """
    What was charged, in minor units of `currency`.
    """
    attempt: Annotated[int, Field(ge=1, le=4294967295)]
    """
    Number of the attempt that succeeded, from 1.
    """
    currency: Annotated[str, Field(pattern='^[A-Z]{3}$')]
    """
    Currency of the amount.
    """
    gateway_reference: Annotated[str, Field(alias='gatewayReference')]
    """
    The gateway's name of the charge; it means something to the gateway alone.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    payment_id: Annotated[
        str,
        Field(
            alias='paymentId',
            pattern='^pay_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The payment.
    """


class PaymentSucceededV1(Model):
    """
    The order's total was charged.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: PaymentSucceededV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/PaymentSucceeded.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.payments']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['PaymentSucceeded.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class PaymentVoidedV1Data(Model):
    """
    The payment was forbidden before anything was charged: no later charge can happen.
    """

    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    payment_id: Annotated[
        str,
        Field(
            alias='paymentId',
            pattern='^pay_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The payment.
    """


class PaymentVoidedV1(Model):
    """
    The payment was forbidden before anything was charged: no later charge can happen.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: PaymentVoidedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/PaymentVoided.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.payments']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['PaymentVoided.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class RefundFailedV1Data(Model):
    """
    A refund has not gone through so far: the money is still owed. It is tried again, and an operator must act. It does not change the order's state.
    """

    amount: Annotated[int, Field(ge=1, le=9007199254740991)]
    """
    What is owed, in minor units of `currency`.
    """
    attempts: Annotated[int, Field(ge=1, le=4294967295)]
    """
    How often it was tried so far.
    """
    code: str
    """
    The gateway's or the network's own word for it.
    """
    currency: Annotated[str, Field(pattern='^[A-Z]{3}$')]
    """
    Currency of the amount.
    """
    customer_id: Annotated[
        str | None,
        Field(alias='customerId', pattern='^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$'),
    ] = None
    """
    Whose order it is.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    payment_id: Annotated[
        str,
        Field(
            alias='paymentId',
            pattern='^pay_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The payment that it is to be taken from.
    """
    reason: RefundReason
    """
    Why it is to be returned.
    """
    refund_id: Annotated[
        str,
        Field(
            alias='refundId',
            pattern='^rfd_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The refund.
    """


class RefundFailedV1(Model):
    """
    A refund has not gone through so far: the money is still owed. It is tried again, and an operator must act. It does not change the order's state.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: RefundFailedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/RefundFailed.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.payments']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['RefundFailed.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class StockAdjustedV1Data(Model):
    """
    An operator changed how many pieces of a sku are in the warehouse.
    """

    adjustment_id: Annotated[
        str,
        Field(
            alias='adjustmentId',
            pattern='^adj_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The change.
    """
    available: Annotated[int, Field(ge=0, le=9007199254740991)]
    """
    Pieces that can be held for further orders: on hand less reserved.
    """
    delta: Annotated[int, Field(ge=-9007199254740991, le=9007199254740991)]
    """
    Pieces added, or taken if negative.
    """
    on_hand: Annotated[int, Field(alias='onHand', ge=0, le=9007199254740991)]
    """
    Pieces in the warehouse after the change.
    """
    reserved: Annotated[int, Field(ge=0, le=9007199254740991)]
    """
    Pieces of these that are held for orders.
    """
    sku: Annotated[str, Field(pattern='^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$')]
    """
    What was changed.
    """


class StockAdjustedV1(Model):
    """
    An operator changed how many pieces of a sku are in the warehouse.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: StockAdjustedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/StockAdjusted.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.inventory']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['StockAdjusted.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class EventProcessingFailedV1Data(Model):
    """
    A consumer could not handle an event about an order and has put it into its dead-letter queue: an operator must act. It does not change the order's state.
    """

    consumer: str
    """
    Whose it was to handle: service and role, for example `inventory/events`.
    """
    error_class: Annotated[str, Field(alias='errorClass')]
    """
    A stable word for the kind of error, for example `contract`.
    """
    event_id: Annotated[str, Field(alias='eventId')]
    """
    The id of the event that was not handled.
    """
    event_type: Annotated[str, Field(alias='eventType')]
    """
    Its type, for example `OrderCreated.v1`.
    """
    message: str
    """
    The error in words.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order that the event is about.
    """
    receives: Annotated[int, Field(ge=1, le=4294967295)]
    """
    How often the event was received before it was given up.
    """


class EventProcessingFailedV1(Model):
    """
    A consumer could not handle an event about an order and has put it into its dead-letter queue: an operator must act. It does not change the order's state.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: EventProcessingFailedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/EventProcessingFailed.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.platform']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['EventProcessingFailed.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class InventoryCommittedV1Data(Model):
    """
    The order was confirmed, and the held pieces left the stock: a sale.
    """

    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    reservation_id: Annotated[
        str,
        Field(
            alias='reservationId',
            pattern='^rsv_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The hold that became a sale.
    """


class InventoryCommittedV1(Model):
    """
    The order was confirmed, and the held pieces left the stock: a sale.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: InventoryCommittedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/InventoryCommitted.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.inventory']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['InventoryCommitted.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class RejectedLine(Model):
    """
    What was missing of one sku.
    """

    available: Annotated[int, Field(ge=0, le=9007199254740991)]
    """
    How many pieces could have been held at that moment.
    """
    requested: Annotated[int, Field(ge=1, le=4294967295)]
    """
    How many pieces were wanted.
    """
    sku: Annotated[str, Field(pattern='^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$')]
    """
    What was wanted.
    """


class InventoryReleasedV1Data(Model):
    """
    Nothing is held for the order any more, and nothing will be: the order was cancelled, or the hold ran out.
    """

    cause: Literal['CANCELLED', 'EXPIRED', 'NEVER_RESERVED']
    """
    Why it ended.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    reservation_id: Annotated[
        str,
        Field(
            alias='reservationId',
            pattern='^rsv_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The hold that ended, or that will never begin.
    """


class InventoryReleasedV1(Model):
    """
    Nothing is held for the order any more, and nothing will be: the order was cancelled, or the hold ran out.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: InventoryReleasedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/InventoryReleased.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.inventory']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['InventoryReleased.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class InventoryReservedV1Data(Model):
    """
    All lines of an order are held until `expiresAt`: no other order can take these pieces.
    """

    expires_at: Annotated[AwareDatetime, Field(alias='expiresAt')]
    """
    When a hold that was not committed ends.
    """
    lines: Annotated[list[ReservedLine], Field(max_length=100, min_length=1)]
    """
    What is held, one line for each sku.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    reservation_id: Annotated[
        str,
        Field(
            alias='reservationId',
            pattern='^rsv_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The hold.
    """


class InventoryReservedV1(Model):
    """
    All lines of an order are held until `expiresAt`: no other order can take these pieces.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: InventoryReservedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/InventoryReserved.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.inventory']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['InventoryReserved.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class NotificationFailedV1Data(Model):
    """
    A message to the customer was not sent, or did not arrive, or it is unknown whether it was sent. It is not sent again by itself. It does not change the order's state.
    """

    channel: Channel
    """
    How it would have been sent.
    """
    notification_id: Annotated[
        str,
        Field(
            alias='notificationId',
            pattern='^ntf_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The message.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    reason: NotificationFailure
    """
    Why it was not sent.
    """
    template: Template
    """
    What it would have been made from.
    """


class NotificationFailedV1(Model):
    """
    A message to the customer was not sent, or did not arrive, or it is unknown whether it was sent. It is not sent again by itself. It does not change the order's state.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: NotificationFailedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/NotificationFailed.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.notifications']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['NotificationFailed.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class OrderConfirmedV1Data(Model):
    """
    Every line is held and the total is charged, so neither customer nor staff can cancel the order any more. The hold becomes a sale.
    """

    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    payment_id: Annotated[
        str,
        Field(
            alias='paymentId',
            pattern='^pay_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The payment that covers the order's total.
    """
    reservation_id: Annotated[
        str,
        Field(
            alias='reservationId',
            pattern='^rsv_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The hold on stock that becomes a sale.
    """


class OrderConfirmedV1(Model):
    """
    Every line is held and the total is charged, so neither customer nor staff can cancel the order any more. The hold becomes a sale.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: OrderConfirmedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/OrderConfirmed.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.orders']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['OrderConfirmed.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class OrderCreatedV1Data(Model):
    """
    An order was accepted. Stock and money are not yet touched.
    """

    currency: Annotated[str, Field(pattern='^[A-Z]{3}$')]
    """
    Currency of every amount in this event.
    """
    customer_id: Annotated[
        str, Field(alias='customerId', pattern='^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$')
    ]
    """
    Who placed it.
    """
    lines: Annotated[list[OrderLine], Field(max_length=100, min_length=1)]
    """
    What was ordered: 1 to 100 lines, each of another sku.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    pay_by: Annotated[AwareDatetime, Field(alias='payBy')]
    """
    When an order that is still open is cancelled.
    """
    payment_method: Annotated[
        str, Field(alias='paymentMethod', pattern='^pm_[A-Za-z0-9_]{1,64}$')
    ]
    """
    How the customer pays: an opaque reference kept at the gateway.
    """
    placed_at: Annotated[AwareDatetime, Field(alias='placedAt')]
    """
    When the order was accepted.
    """
    total: Annotated[int, Field(ge=0, le=9007199254740991)]
    """
    Sum of quantity × unit price over the lines, in minor units of `currency`.
    """


class OrderCreatedV1(Model):
    """
    An order was accepted. Stock and money are not yet touched.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: OrderCreatedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/OrderCreated.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.orders']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['OrderCreated.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class PaymentFailedV1Data(Model):
    """
    The order's total was not charged and never will be: final, never published per attempt.
    """

    attempts: Annotated[int, Field(ge=0, le=4294967295)]
    """
    How many attempts were made.
    """
    category: PaymentFailure
    """
    Why it failed.
    """
    code: str
    """
    The gateway's or the network's own word for it, for example `card_declined`.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    payment_id: Annotated[
        str,
        Field(
            alias='paymentId',
            pattern='^pay_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The payment.
    """


class PaymentFailedV1(Model):
    """
    The order's total was not charged and never will be: final, never published per attempt.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: PaymentFailedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/PaymentFailed.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.payments']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['PaymentFailed.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class PaymentRefundedV1Data(Model):
    """
    Money went back to the customer. The same refund may be published more than once: `refundedTotal` only grows.
    """

    amount: Annotated[int, Field(ge=1, le=9007199254740991)]
    """
    What this refund returned, in minor units of `currency`.
    """
    currency: Annotated[str, Field(pattern='^[A-Z]{3}$')]
    """
    Currency of the amounts.
    """
    customer_id: Annotated[
        str | None,
        Field(alias='customerId', pattern='^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$'),
    ] = None
    """
    Whose order it is.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    payment_id: Annotated[
        str,
        Field(
            alias='paymentId',
            pattern='^pay_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The payment that it was taken from.
    """
    reason: RefundReason
    """
    Why it was returned.
    """
    refund_id: Annotated[
        str,
        Field(
            alias='refundId',
            pattern='^rfd_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The refund.
    """
    refunded_total: Annotated[
        int, Field(alias='refundedTotal', ge=1, le=9007199254740991)
    ]
    """
    What all refunds of the payment have returned so far, this one included, in minor units of `currency`.
    """


class PaymentRefundedV1(Model):
    """
    Money went back to the customer. The same refund may be published more than once: `refundedTotal` only grows.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: PaymentRefundedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/PaymentRefunded.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.payments']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['PaymentRefunded.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class InventoryRejectedV1Data(Model):
    """
    At least one line could not be held, so none is: final for this order.
    """

    lines: Annotated[list[RejectedLine], Field(max_length=100, min_length=1)]
    """
    The lines that could not be held, one for each sku.
    """
    order_id: Annotated[
        str,
        Field(
            alias='orderId',
            pattern='^ord_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        ),
    ]
    """
    The order.
    """
    reason: RejectReason
    """
    Why the order was rejected.
    """


class InventoryRejectedV1(Model):
    """
    At least one line could not be held, so none is: final for this order.
    """

    causationid: str
    """
    The id of the event or command that caused this one.
    """
    correlationid: str
    """
    Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    """
    data: InventoryRejectedV1Data
    """
    What happened, as this type has it.
    """
    datacontenttype: Literal['application/json']
    """
    Media type of `data`: always `application/json`.
    """
    dataschema: Literal['https://schemas.oms.example/events/InventoryRejected.v1.json']
    """
    URI of the published schema of this event.
    """
    hops: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """
    How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
    """
    id: Annotated[str, Field(pattern='^evt_[0-9a-f-]{36}$')]
    """
    The event's identity: made when the state change was written, and the same in every repetition and replay.
    """
    sequence: Annotated[str, Field(pattern='^[0-9]{10}$')]
    """
    Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    """
    source: Literal['oms.inventory']
    """
    The service that published the event, for example `oms.orders`.
    """
    specversion: Literal['1.0']
    """
    Version of the CloudEvents specification: always `1.0`.
    """
    subject: str
    """
    What the event is about: the order id, or the sku of a stock event.
    """
    time: AwareDatetime
    """
    When the state change was written (RFC 3339, UTC).
    """
    traceparent: str | None = None
    """
    W3C trace context of the cause; absent if it had none.
    """
    type: Literal['InventoryRejected.v1']
    """
    Name and major version of the event, for example `OrderCreated.v1`.
    """


class OmsEvent(
    RootModel[
        EventProcessingFailedV1
        | InventoryCommittedV1
        | InventoryRejectedV1
        | InventoryReleasedV1
        | InventoryReservedV1
        | NotificationFailedV1
        | NotificationSentV1
        | OrderCancelledV1
        | OrderCompletedV1
        | OrderConfirmedV1
        | OrderCreatedV1
        | PaymentAttemptFailedV1
        | PaymentFailedV1
        | PaymentRefundedV1
        | PaymentSucceededV1
        | PaymentVoidedV1
        | RefundFailedV1
        | StockAdjustedV1
    ]
):
    root: Annotated[
        EventProcessingFailedV1 | InventoryCommittedV1 | InventoryRejectedV1 | InventoryReleasedV1 | InventoryReservedV1 | NotificationFailedV1 | NotificationSentV1 | OrderCancelledV1 | OrderCompletedV1 | OrderConfirmedV1 | OrderCreatedV1 | PaymentAttemptFailedV1 | PaymentFailedV1 | PaymentRefundedV1 | PaymentSucceededV1 | PaymentVoidedV1 | RefundFailedV1 | StockAdjustedV1,
        Field(title='OmsEvent'),
    ]
    """
    Any event of the published language.
    """
