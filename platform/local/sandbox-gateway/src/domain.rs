//! What is decided about intents and refunds: pure, no I/O, no clock, no randomness.

pub mod intent;
pub mod method;
pub mod refund;
