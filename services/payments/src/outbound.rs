//! What goes out: the one conditional write, the events that it publishes, and the calls to the gateway.

mod answer;
mod gateway;
mod published;
mod record;
mod secret;
mod store;

pub use answer::{Asked, classify, refund_listed, refund_sent};
pub use gateway::{GatewayKey, HttpGateway};
pub use published::events;
pub use record::PaymentRecord;
pub use secret::gateway_key;
pub use store::Store;
