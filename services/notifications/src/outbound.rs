//! What goes out: the two tables, the mail, the events that notifications publishes.

mod answer;
mod contact_record;
mod contacts;
mod counts;
mod events;
mod mail;
mod mailer;
mod record;
mod store;

pub use answer::{Answer, Attempt};
pub use contacts::{Contacts, Found};
pub use events::{OUTBOX, events};
pub use mail::{Mail, Templates};
pub use mailer::{About, Mailer};
pub use record::DeliveriesRecord;
pub use store::{DeliveryStore, SagaDeliveries};
