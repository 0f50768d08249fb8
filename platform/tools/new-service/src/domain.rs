//! What is known of orders: pure, no I/O, no clock, no randomness.

pub mod ids;
pub mod order;
