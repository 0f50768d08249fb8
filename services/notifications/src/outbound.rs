//! What goes out: the tables, the mail, the events that notifications publishes.

mod contacts;
mod deliveries;
mod letter;
mod mail;
mod published;
mod record;

pub use contacts::{Contact, Contacts};
pub use deliveries::{DeliveryStore, Task, Tasks};
pub use letter::{Letter, Letters};
pub use mail::{Attempt, PostOffice};
pub use published::events;
pub use record::{DeliveriesRecord, OutsideDomain};
