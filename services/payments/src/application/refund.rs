//! Staff return money: the request is written, and the gateway is asked at once.

use chassis::cause::Cause;
use chassis::store::{StoreError, Stored};
use chassis::verdict::Classify;
use jiff::Timestamp;

use super::settle::{Unsettled, settle};
use super::{App, Gateway, PaymentStore, SagaPayment, in_its_saga};
use crate::domain::decide::Input;
use crate::domain::decision::Worker;
use crate::domain::payment::Payment;
use crate::domain::refund::Refund;
use crate::domain::request::{RefundRefused, RefundRequest, request_refund};

/// A refund that was granted, now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Its payment.
    pub payment: Payment,
    /// The refund, as far as it has come.
    pub refund: Refund,
    /// Whether the same request was granted before.
    pub replayed: bool,
}

/// Why a request was not granted.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] RefundRefused),
    /// Neither granted nor refused: the same request may be sent again.
    #[error("the refund is not written")]
    NotWritten,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the request and asks the gateway. What the gateway does not do now, the sweep goes on with.
///
/// # Errors
/// [`RefundError`].
pub async fn refund<S: PaymentStore, G: Gateway, C: Fn() -> Timestamp>(
    app: &App<S, G, C>,
    read: Stored<SagaPayment>,
    request: &RefundRequest,
    cause: &Cause,
) -> Result<Granted, RefundError> {
    request_refund(&read.value.payment, request, cause.at)?;
    let replayed = read.value.payment.refund(&request.refund).is_some();
    let payment = carry_out(app, read, request, cause).await?;
    // Others may have been granted what was still left a moment ago.
    request_refund(&payment, request, cause.at)?;
    let refund = payment.refund(&request.refund).cloned().ok_or(RefundError::NotWritten)?;
    Ok(Granted { payment, refund, replayed })
}

async fn carry_out<S: PaymentStore, G: Gateway, C: Fn() -> Timestamp>(
    app: &App<S, G, C>,
    read: Stored<SagaPayment>,
    request: &RefundRequest,
    cause: &Cause,
) -> Result<Payment, StoreError> {
    let (order, refund_id) = (read.value.payment.order.clone(), &request.refund);
    let cause = in_its_saga(&read, cause);
    match settle(app, Worker::Sweep, read, Input::Refund(request.clone()), &cause).await {
        Ok(Stored { value: SagaPayment { payment, .. }, .. }) => {
            tracing::info!(%refund_id, amount = request.amount, owed = payment.owed(), "refund requested");
            Ok(payment)
        }
        Err(Unsettled::Store(error)) => Err(error),
        Err(error) => {
            tracing::error!(error_class = error.class(), %error, %refund_id, "the refund has not gone through yet");
            Ok(app.payments.load(&order).await?.value.payment)
        }
    }
}
