//! What is decided about orders: pure, no I/O, no clock, no randomness.

pub mod ids;
pub mod line;
pub mod money;
pub mod order;
pub mod placement;
