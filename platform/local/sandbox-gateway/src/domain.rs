//! What is decided about intents: pure, no I/O, no clock, no randomness.

pub mod intent;
pub mod method;
