//! The rules, without I/O, clock or wire format.

pub mod adjustment;
pub mod ids;
pub mod reservation;
pub mod stock;
