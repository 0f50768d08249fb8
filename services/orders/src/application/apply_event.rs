//! Applying a fact of another service to its order.

use chassis::consumer::Delivery;
use chassis::store::{Round, Saved, StoreError};

use super::{AcceptedOrder, AppliedFact, Decided, Orders};
use crate::domain::ids::OrderId;
use crate::domain::ignored;
use crate::domain::order::{self, Fact};
use crate::domain::status::Status;

/// What a fact did to its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It changed the order, which has this status now.
    Changed(Status),
    /// It changed nothing, for this reason.
    Ignored(Status, &'static str),
    /// No order has this id.
    UnknownOrder,
}

impl Orders {
    /// Applies a fact once. One that changes nothing goes into the history with its reason.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn apply_event(&self, id: &OrderId, fact: &Fact, delivery: &Delivery) -> Result<Applied, StoreError> {
        let cause = &delivery.cause;
        self.change(id, |read| async {
            let Some(read) = read else { return Ok(Round::Done(Applied::UnknownOrder)) };
            let AcceptedOrder { order: before, mut metadata } = read.value;
            let is_duplicate = metadata.history.iter().any(|known| known.event_id == delivery.event_id);
            let (order, events) =
                if is_duplicate { (before.clone(), Vec::new()) } else { order::apply(&before, fact.clone(), cause.at) };
            let status = order.status();
            if order == before {
                let reason = ignored::reason(&order, fact);
                self.store.save_ignored(id, delivery, (!is_duplicate).then_some(reason)).await?;
                let reason = if is_duplicate { "the event was applied before" } else { reason };
                return Ok(Round::Done(Applied::Ignored(status, reason)));
            }
            metadata.add(AppliedFact::received(delivery));
            let decided = Decided { order: AcceptedOrder { order, metadata }, events, cause: cause.clone() };
            Ok(match self.save(decided, &read.revision).await? {
                Saved::Applied(_) => Round::Done(Applied::Changed(status)),
                Saved::Conflict(current) => Round::Conflict(current),
            })
        })
        .await
    }
}
