# Generated from contracts/schemas by `just contracts`. Do not edit.
"""The open enumerations: a later release may add values."""

from .open import Open


class RejectReason(Open):
    """Why an order's lines could not be held. INSUFFICIENT_STOCK: Fewer pieces are available than were ordered. UNKNOWN_SKU: A sku was never stocked."""

    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    UNKNOWN_SKU = "UNKNOWN_SKU"


class Channel(Open):
    """A way to reach a customer. EMAIL: E-mail."""

    EMAIL = "EMAIL"


class NotificationFailure(Open):
    """Why a message was not sent, or did not arrive. NO_ADDRESS: The customer has left no address for this channel. REFUSED: The channel refused the message for good. OUTCOME_UNKNOWN: It is unknown whether the channel took the message; it is not sent again. UNCONFIRMED: The customer has left an address, and has not confirmed that it is theirs. ADDRESS_STOPPED: Mail to the customer's address was stopped, because one came back or was reported as unwanted. RATE_LIMITED: As many messages as are allowed have gone to the customer's address within the hour. BOUNCED: The channel took the message, and the customer's address does not exist or takes no mail for good. COMPLAINED: The customer got the message and called it spam."""

    NO_ADDRESS = "NO_ADDRESS"
    REFUSED = "REFUSED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    UNCONFIRMED = "UNCONFIRMED"
    ADDRESS_STOPPED = "ADDRESS_STOPPED"
    RATE_LIMITED = "RATE_LIMITED"
    BOUNCED = "BOUNCED"
    COMPLAINED = "COMPLAINED"


class Template(Open):
    """What a message is made from. ORDER_COMPLETED: The order is completed. ORDER_CANCELLED: The order was cancelled."""

    ORDER_COMPLETED = "ORDER_COMPLETED"
    ORDER_CANCELLED = "ORDER_CANCELLED"


class CancelReason(Open):
    """Why an order was cancelled. CUSTOMER: The customer asked for it. OUT_OF_STOCK: A line could not be reserved. PAYMENT_FAILED: The payment failed for good. RESERVATION_EXPIRED: The hold on stock ran out before the payment succeeded. TIMED_OUT: The order was still open at its `payBy`. STAFF: Staff cancelled it."""

    CUSTOMER = "CUSTOMER"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    RESERVATION_EXPIRED = "RESERVATION_EXPIRED"
    TIMED_OUT = "TIMED_OUT"
    STAFF = "STAFF"


class AttemptFailure(Open):
    """What kind of failure an attempt met. TRANSIENT: The gateway did not charge; another attempt may succeed. TIMEOUT_UNKNOWN: It is unknown whether the gateway charged; it is asked before any new attempt."""

    TRANSIENT = "TRANSIENT"
    TIMEOUT_UNKNOWN = "TIMEOUT_UNKNOWN"


class PaymentFailure(Open):
    """Why a payment failed for good. DECLINED: The gateway refused the way to pay. EXHAUSTED: Every attempt failed, and the gateway confirms that nothing was charged. RESERVATION_GONE: The hold on stock ended before the charge."""

    DECLINED = "DECLINED"
    EXHAUSTED = "EXHAUSTED"
    RESERVATION_GONE = "RESERVATION_GONE"


class RefundReason(Open):
    """Why money is returned. CANCELLED: The order was cancelled after it was paid. LATE_SUCCESS: The charge succeeded after the order was cancelled. STAFF: Staff returned it."""

    CANCELLED = "CANCELLED"
    LATE_SUCCESS = "LATE_SUCCESS"
    STAFF = "STAFF"
