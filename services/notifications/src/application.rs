//! The use cases, one file each: load → decide → save, and nothing else does that.

pub mod apply_event;
pub mod apply_feedback;
mod cause;
mod confirm_contact;
mod forget_contact;
mod notify;
pub mod resend;
mod set_contact;
mod show_contact;
mod tally;

pub use crate::outbound::SagaDeliveries;
pub use cause::in_its_saga;
pub use confirm_contact::confirm_contact;
pub use forget_contact::forget_contact;
pub use notify::{ApplyError, Notifier};
pub use set_contact::{Addresses, SetError, set_contact};
pub use show_contact::show_contact;
pub use tally::Tally;
