//! What goes out: stock and reservations, written together or not at all, and the events that they publish.

mod events;
mod group;
pub mod level;
mod list;
mod record;
mod reserved;
mod step;
mod store;
mod together;
mod transaction;

pub use events::{NotPublishable, OUTBOX, latest_event_id, reservation_events, stock_adjusted};
pub use group::{Chain, Ended, Hold, Transaction, chains};
pub use record::{AdjustmentRecord, CorrelatedReservation, ReservationRecord};
pub use step::{Now, Refused};
pub use store::Store;
pub use together::Together;
pub use transaction::{Answer, Cancelled, Failed};
