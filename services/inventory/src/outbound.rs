//! What goes out: stock and reservations, written together or not at all, and the events that they publish.

mod adjust;
mod published;
mod record;
mod store;
mod transaction;

pub use adjust::{Adjusted, Adjustment, Wish};
pub use published::events;
pub use record::ReservationRecord;
pub use store::{ApplyError, Stocked, Store};
