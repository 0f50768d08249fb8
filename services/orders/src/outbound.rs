//! What goes out: the one conditional write, the events that it publishes, and the history of what changed nothing.

mod history;
mod published;
mod record;
mod store;

pub use history::Note;
pub use published::events;
pub use record::{Beside, FactRecord, OrderRecord};
pub use store::{Applied, Cancellation, Page, Placed, Refused, Store, Stored};
