//! What is decided about messages to customers: pure, no I/O, no clock, no randomness.

pub mod address;
pub mod delivery;
pub mod ids;
pub mod money;
pub mod wording;
