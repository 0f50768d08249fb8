//! An event that the queue's consumer could not settle ends its order's payment, by the gateway's last word.

use chassis::cause::Cause;
use chassis::store::Stored;
use jiff::Timestamp;

use super::settle::{Unsettled, settle};
use super::{App, Gateway, PaymentStore, SagaPayment};
use crate::domain::decide::Input;
use crate::domain::decision::Worker;
use crate::domain::ids::OrderId;
use crate::domain::payment::Fact;

/// Ends the payment of a fact that is a dead letter, without a further attempt; the payment as it is then.
///
/// # Errors
/// [`Unsettled`]: the message must stay.
pub async fn settle_dead_letter<S: PaymentStore, G: Gateway, C: Fn() -> Timestamp>(
    app: &App<S, G, C>,
    order: &OrderId,
    fact: Fact,
    cause: &Cause,
) -> Result<Stored<SagaPayment>, Unsettled> {
    let read = app.payments.load(order).await?;
    settle(app, Worker::DeadLetters, read, Input::Fact(fact), cause).await
}
