//! The rules of payments: pure, no I/O, no clock, no randomness.
//!
//! Read [`payment`] (the state), [`decision`] (the one entrance), then the topics [`charge`], [`cancel`] and [`refund`].

pub mod announce;
pub mod cancel;
pub mod charge;
pub mod decision;
pub mod gateway;
pub mod ids;
pub mod payment;
pub mod refund;
