//! The words of a message, without its layout.

use super::ids::OrderId;
use super::message::{CancelReason, Content};

/// The subject line of the mail that asks to confirm an address.
pub const CONFIRM: &str = "Please confirm your e-mail address";

/// The subject line.
#[must_use]
pub fn subject(content: &Content, order: &OrderId) -> String {
    match content {
        Content::Completed(_) => format!("Your order {} is complete", short(order)),
        Content::Cancelled(_) => format!("Your order {} was cancelled", short(order)),
    }
}

/// Why an order was cancelled, in a sentence for the customer.
#[must_use]
pub fn explanation(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::Customer => "You asked us to cancel it, and we have.",
        CancelReason::OutOfStock => "We are sorry: something that you ordered is no longer in stock.",
        CancelReason::PaymentFailed => {
            "The payment was not accepted. You are welcome to order again with another way to pay."
        }
        CancelReason::ReservationExpired => {
            "The payment did not reach us while we were holding the goods for you. You are welcome to order again."
        }
        CancelReason::TimedOut => "We are sorry: we could not finish it in time. You are welcome to order again.",
        CancelReason::Staff => "Our support team has cancelled it. Please reply to us if you did not expect this.",
        CancelReason::Other => "It was cancelled. Please reply to us if you have a question.",
    }
}

/// What follows for the customer's money.
#[must_use]
pub fn about_money(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::Customer
        | CancelReason::OutOfStock
        | CancelReason::TimedOut
        | CancelReason::Staff
        | CancelReason::Other => "You will not be charged. Anything that was already taken is on its way back to you.",
        CancelReason::PaymentFailed | CancelReason::ReservationExpired => {
            "You will not be charged. Should your bank show a payment after all, we return it without your asking."
        }
    }
}

/// The order's number as a person would read it out: the first part of its UUID.
#[must_use]
pub fn short(order: &OrderId) -> String {
    let uuid = order.as_str().trim_start_matches("ord_");
    uuid.split('-').next().unwrap_or(uuid).to_ascii_uppercase()
}
