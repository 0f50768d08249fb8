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
    /// Goes on with what is due by this time, if that is later than now. What is written has the time of the clock.
    pub look_ahead: Option<Timestamp>,
}

/// The use cases of a deployed function: the table, the gateway over HTTP, and the real time.
pub type Service = App<Store, HttpGateway, fn() -> Timestamp>;

impl<S: Clone, G: Clone, C: Clone> App<S, G, C> {
    /// The same, for what is due by this time.
    #[must_use]
    pub fn looking_ahead(&self, due_by: Timestamp) -> Self {
        Self { look_ahead: Some(due_by), ..self.clone() }
    }
}
