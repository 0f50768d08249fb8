//! The use cases. Each loads an order, decides by a rule of the domain, and saves what follows as one conditional write;
//! when another write came first, it decides again on what that has left.

mod announce;
mod apply_event;
mod cancel;
mod place;
mod read;
mod resolve;
mod sweep;

use chassis::cause::Cause;
use chassis::store::{Revision, Round, Saved, StoreError, Table, retry_on_conflict};
use jiff::SignedDuration;
use tracing::Span;

pub use self::apply_event::Applied;
pub use self::cancel::CancelOrder;
pub use self::place::{PlaceError, PlaceOrder, PlaceOutcome};
pub use self::read::ListOrders;
pub use crate::outbound::{AcceptedOrder, AppliedFact, Found, IgnoredEvent, OrderMetadata, StoredOrder};

use crate::domain::cancel::TooLate;
use crate::domain::decision::Event;
use crate::domain::ids::OrderId;
use crate::domain::sweep::due;
use crate::outbound::{Store, Write};

/// What the service can do with orders.
#[derive(Debug, Clone)]
pub struct Orders {
    store: Store,
    settle_within: SignedDuration,
}

/// Why a request does not change an order.
#[derive(Debug, thiserror::Error)]
pub enum Rejected {
    /// No order has this id.
    #[error("the order does not exist")]
    NotFound,
    /// The order is not at the version that the request names.
    #[error("the order has another version")]
    VersionMismatch,
    /// The order is confirmed or completed.
    #[error(transparent)]
    TooLate(#[from] TooLate),
    /// The order has no attention entry of this number.
    #[error("the order has no such attention entry")]
    NoAttentionEntry,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a use case has decided.
struct Decided {
    order: AcceptedOrder,
    events: Vec<Event>,
    cause: Cause,
}

impl Orders {
    /// The orders in the store. One that is decided needs attention when it waits longer than `settle_within` to be
    /// settled.
    #[must_use]
    pub fn new(store: Store, settle_within: SignedDuration) -> Self {
        Self { store, settle_within }
    }

    /// The table of orders, in which the sweep finds those that are due.
    #[must_use]
    pub fn table(&self) -> &Table {
        self.store.table()
    }

    /// Loads the order, and lets `round` decide and save until no other write comes first.
    async fn change<A, E, R>(&self, id: &OrderId, round: impl Fn(Option<StoredOrder>) -> R) -> Result<A, E>
    where
        R: Future<Output = Result<Round<A, Option<StoredOrder>>, E>>,
        E: From<StoreError>,
    {
        retry_on_conflict(id.as_str(), || self.load(id), round).await
    }

    /// The order to decide on; from here on the log lines of the request carry its correlation id.
    async fn load(&self, id: &OrderId) -> Result<Option<StoredOrder>, StoreError> {
        let read = self.store.get(id).await?;
        if let Some(read) = &read {
            Span::current().record("correlation_id", &read.value.metadata.correlation_id);
        }
        Ok(read)
    }

    async fn save(&self, decided: Decided, read: &Revision) -> Result<Saved<StoredOrder>, StoreError> {
        let Decided { order, events, cause } = decided;
        let due = due(&order.order, self.settle_within);
        self.store.save(Write { order, events, cause, due }, read).await
    }
}

/// The id of the order's own latest event: the cause of what a request or the clock leads to, so that an order's events
/// stay one tree.
fn latest_event(read: &StoredOrder) -> String {
    contracts::event_id(contracts::orders::SOURCE, read.value.order.id.as_str(), read.revision.emitted)
}

/// The cause of what a request leads to, in the trace of the request.
fn caused_by(request: &Cause, read: &StoredOrder) -> Cause {
    request.in_saga(&read.value.metadata.correlation_id, latest_event(read))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::ids::CustomerId;
    use crate::domain::place::{LineRequest, OrderRequest, place};

    fn stored() -> StoredOrder {
        let lines = vec![LineRequest { sku: "MUG-01".into(), quantity: 2, unit_price: 1_595 }];
        let request = OrderRequest { lines, currency: "EUR".into(), payment_method: "pm_card_visa".into() };
        let (id, customer) = (OrderId::trusted("ord_1"), CustomerId::trusted("ada"));
        let order = place(&request, id, customer, Timestamp::UNIX_EPOCH, SignedDuration::from_hours(1)).unwrap();
        let (fingerprint, correlation_id) = ("f".into(), "cor_saga".into());
        let metadata = OrderMetadata::new(fingerprint, correlation_id);
        StoredOrder {
            value: AcceptedOrder { order, metadata },
            revision: Revision { version: 7, emitted: 3, ..Revision::default() },
        }
    }

    #[test]
    fn what_a_request_leads_to_is_in_its_trace_and_in_the_tree_of_the_orders_events() {
        let traceparent = Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01".to_owned());
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(9);
        let (correlation_id, causation_id) = ("cor_request".to_owned(), "cmd_1".to_owned());
        let request = Cause { traceparent: traceparent.clone(), ..Cause::new(correlation_id, causation_id, at) };
        let cause = caused_by(&request, &stored());
        assert_eq!((cause.traceparent, cause.at, cause.correlation_id.as_str()), (traceparent, at, "cor_saga"));
        assert_eq!(cause.causation_id, contracts::event_id("oms.orders", "ord_1", 3));
    }
}
