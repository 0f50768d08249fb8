//! The use cases: each loads a payment, lets the rules decide, writes the decision, and calls the gateway.

pub mod announce;
pub mod apply_event;
mod cause;
pub mod refund;
pub mod settle;
pub mod settle_dead_letter;
pub mod sweep;

use jiff::Timestamp;

use crate::domain::decision::ChargePolicy;
use crate::outbound::{HttpGateway, Store};

pub use crate::outbound::{Gateway, Misconfigured, PaymentStore, SagaPayment};
pub use cause::{in_its_saga, latest_event};

/// What the use cases work with.
#[derive(Debug, Clone)]
pub struct App<S, G, C> {
    /// Where payments are stored.
    pub payments: S,
    /// Who charges.
    pub gateway: G,
    /// What time it is.
    pub clock: C,
    /// What the installation has chosen.
    pub policy: ChargePolicy,
}

/// The use cases of a deployed function: the table, the gateway over HTTP, and the real time.
pub type Service = App<Store, HttpGateway, fn() -> Timestamp>;

impl<S: Clone, G: Clone, C> App<S, G, C> {
    /// The same, by another clock.
    pub fn with_clock<D>(&self, clock: D) -> App<S, G, D> {
        App { payments: self.payments.clone(), gateway: self.gateway.clone(), clock, policy: self.policy }
    }
}
