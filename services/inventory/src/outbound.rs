//! What goes out: stock and reservations, written together or not at all, and the events that they publish.

mod adjust;
mod listed;
mod published;
mod record;
mod reservations;
mod store;
mod transaction;

pub use adjust::{Adjusted, Adjustment, Wish};
pub use listed::Listed;
pub use published::{Unpublishable, adjusted, events};
pub use record::ReservationRecord;
pub use reservations::Kept;
pub use store::{ApplyError, Stocked, Store};
