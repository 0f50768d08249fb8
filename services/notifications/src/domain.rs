//! What is decided about messages to customers: pure, no I/O, no clock, no randomness.

pub mod address;
pub mod cap;
pub mod confirmation;
pub mod contact;
pub mod delivery;
pub mod feedback;
pub mod ids;
pub mod message;
pub mod money;
pub mod resend;
pub mod wording;
