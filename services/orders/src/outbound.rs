//! What goes out: an order as one conditional write, the events that it publishes, and the events that changed nothing.

mod events;
mod ignored;
mod list;
mod record;
mod store;

pub use events::{OUTBOX, events};
pub use ignored::IgnoredEvent;
pub use record::{AppliedFact, OrderMetadata, OrderRecord};
pub use store::{AcceptedOrder, Found, Store, StoredOrder, Write};
