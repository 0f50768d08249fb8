//! An event of another service moves its order's payment.

use chassis::cause::Cause;
use chassis::store::Stored;
use jiff::Timestamp;

use super::settle::{Unsettled, settle};
use super::{App, Gateway, PaymentStore, SagaPayment};
use crate::domain::decide::Input;
use crate::domain::decision::Worker;
use crate::domain::ids::OrderId;
use crate::domain::payment::Fact;

/// Carries a fact as far as its payment goes; the payment as it is then.
///
/// # Errors
/// [`Unsettled`]: the message must stay.
pub async fn apply_event<S: PaymentStore, G: Gateway, C: Fn() -> Timestamp>(
    app: &App<S, G, C>,
    order: &OrderId,
    fact: Fact,
    cause: &Cause,
) -> Result<Stored<SagaPayment>, Unsettled> {
    let read = match fact {
        // Mostly an order's first event, and it always has something to write.
        Fact::Ordered(_) => SagaPayment::unread(order),
        Fact::Held { .. } | Fact::Expired | Fact::Cancelled => app.payments.load(order).await?,
    };
    settle(app, Worker::Queue, read, Input::Fact(fact), cause).await
}
