//! The rules of payments: pure, no I/O, no clock, no randomness.
//!
//! Read [`payment`] (the state), [`decide`] (the one entrance), then the topics: [`charge`] and [`cancel`], which act on
//! what [`finding`] makes of the gateway's answers, and [`request`] and [`repay`], by which money goes back. Imports
//! point from the rules to what they act on: [`decision`], and below it the state.

pub mod announce;
pub mod attempt;
pub mod balance;
pub mod cancel;
pub mod charge;
pub mod decide;
pub mod decision;
pub mod finding;
pub mod gateway;
pub mod ids;
pub mod outcome;
pub mod payment;
pub mod refund;
pub mod repay;
pub mod request;
