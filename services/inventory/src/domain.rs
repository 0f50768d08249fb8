//! What is decided about stock: pure, no I/O, no clock, no randomness.

pub mod ids;
pub mod reservation;
pub mod stock;
