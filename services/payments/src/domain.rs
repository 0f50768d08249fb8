//! What is decided about payments: pure, no I/O, no clock, no randomness.

pub mod announce;
pub mod decide;
mod end;
pub mod gateway;
pub mod ids;
mod learn;
pub mod payment;
pub mod refund;
mod repay;
