//! What goes out: the one conditional write, the events that it publishes, and the calls to the gateway.

mod events;
mod gateway;
mod record;
mod secret;
mod store;

pub use events::{NotPublishable, OUTBOX, events};
pub use gateway::answer::{intent_answer, refund_answer, refund_list_answer};
pub use gateway::{Gateway, GatewayKey, HttpGateway, Misconfigured};
pub use record::PaymentRecord;
pub use secret::gateway_key;
pub use store::{PaymentStore, SagaPayment, SavedPayment, Store};
