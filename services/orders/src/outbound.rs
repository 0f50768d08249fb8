//! What goes out: the one conditional write, and the events that it publishes.

mod published;
mod record;
mod store;

pub use published::events;
pub use record::OrderRecord;
pub use store::{Applied, Page, Placed, Store, Stored};
