//! What staff may request to be returned.
//!
//! A refund that was requested stays until it has gone through: it is tried until it succeeds. So what can still be
//! requested is the charge less all refunds, whatever became of them.

use jiff::{SignedDuration, Timestamp};

use super::ids::RefundId;
use super::payment::{Hold, Payment};
use super::refund::{Reason, Refund};

/// How many refunds a payment may have: so that it stays one item, and one page of the gateway's list.
pub const MAX_REFUNDS: usize = 50;

/// How long after the end of its hold an order may still be sold, because the hold was not released in time. Inventory looks
/// for holds that have ended once a minute.
pub const SOLD_LATE: SignedDuration = SignedDuration::from_mins(5);

/// Staff's request to return money. The same request twice is one refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// The refund that it is to be.
    pub refund: RefundId,
    /// How much, in minor units of the payment's currency.
    pub amount: u64,
    /// Why, in words, for other staff.
    pub note: Option<String>,
}

/// Why a refund is not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefused {
    /// Nothing was charged, or not yet.
    #[error("the payment has not been charged")]
    NotCharged,
    /// The request is for nothing.
    #[error("must be at least 1")]
    Nothing,
    /// The request is for more than is left of the charge.
    #[error("must be at most {left}, the part of the charge that is not refunded")]
    Exceeds {
        /// What is left.
        left: u64,
    },
    /// The key was used for another request.
    #[error("an earlier request with this key had another amount or note")]
    OtherRequest,
    /// Nothing would be left of the charge, and the order may not be confirmed yet.
    #[error(
        "until {until} the order may not be confirmed, and would be without payment; \
         cancel it with POST /v1/orders/{{orderId}}/cancellation, which returns all of the charge, or retry then"
    )]
    NotConfirmed {
        /// When the order is certainly confirmed, or its hold gone.
        until: Timestamp,
    },
    /// The payment has too many refunds.
    #[error("a payment can have at most {MAX_REFUNDS} refunds")]
    TooMany,
}

/// The payment with the refund that staff request; unchanged if they requested it before.
///
/// # Errors
/// [`RefundRefused`].
pub fn request_refund(payment: &Payment, request: &RefundRequest, at: Timestamp) -> Result<Payment, RefundRefused> {
    if let Some(before) = payment.refund(&request.refund) {
        return refund_asked_for_twice(before, request).map(|()| payment.clone());
    }
    match payment.left() {
        _ if payment.charged() == 0 => Err(RefundRefused::NotCharged),
        _ if request.amount == 0 => Err(RefundRefused::Nothing),
        left if request.amount > left => Err(RefundRefused::Exceeds { left }),
        _ if payment.refunds.len() >= MAX_REFUNDS => Err(RefundRefused::TooMany),
        left => {
            full_refund_before_confirmation(&payment.hold, left - request.amount, at)?;
            let mut granted = payment.clone();
            let wanted = Refund::wanted(request.refund.clone(), request.amount, Reason::Staff, at);
            granted.refunds.push(Refund { note: request.note.clone(), ..wanted });
            Ok(granted)
        }
    }
}

/// The race "a full refund of an order that is not confirmed": payments does not know what orders decides. While the hold may
/// become a sale, something of the charge has to be left, or goods could go out without money. Cancelling settles it at orders,
/// by one conditional write.
fn full_refund_before_confirmation(hold: &Hold, left: u64, at: Timestamp) -> Result<(), RefundRefused> {
    match hold {
        Hold::Held { expires_at, .. } if left == 0 => {
            let until = expires_at.saturating_add(SOLD_LATE).unwrap_or(Timestamp::MAX);
            if at < until { Err(RefundRefused::NotConfirmed { until }) } else { Ok(()) }
        }
        Hold::Held { .. } | Hold::Unknown | Hold::Gone => Ok(()),
    }
}

/// The race "refund asked for twice": the refund's name follows from staff's key, so the same request is the refund
/// that exists, and another one under the same key is refused.
fn refund_asked_for_twice(before: &Refund, request: &RefundRequest) -> Result<(), RefundRefused> {
    match (before.amount == request.amount, before.note == request.note) {
        (true, true) => Ok(()),
        (false, _) | (_, false) => Err(RefundRefused::OtherRequest),
    }
}
