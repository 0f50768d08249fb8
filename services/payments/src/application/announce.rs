//! Operators have a payment's present state published again, as new events.

use std::future::ready;

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};

use super::{PaymentStore, SagaPayment, in_its_saga};
use crate::domain::announce::announce as events_of;
use crate::domain::decision::{Decision, Step};

/// Writes the events that describe the payment, if there are any; the payment as it is then.
///
/// # Errors
/// [`StoreError`].
pub async fn announce(
    payments: &impl PaymentStore,
    read: Stored<SagaPayment>,
    request: &Cause,
) -> Result<Stored<SagaPayment>, StoreError> {
    let key = read.value.payment.order.to_string();
    retry_on_conflict(
        &key,
        || ready(Ok(read.clone())),
        |read| async move {
            let payment = read.value.payment.clone();
            let events = events_of(&payment);
            if events.is_empty() {
                return Ok(Round::Done(read));
            }
            let (status, published) = (payment.status(), events.len());
            let decision = Decision { payment, events, step: Step::Settled };
            let saved = payments.save(&read, &decision, &in_its_saga(&read, request)).await?;
            if matches!(saved, Saved::Applied(_)) {
                tracing::info!(status, events = published, "payment announced");
            }
            Ok(saved.into())
        },
    )
    .await
}
