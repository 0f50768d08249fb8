//! The sandbox gateway: the part of Stripe's PaymentIntents and Refunds APIs that payments uses, with payment methods
//! that decline, fail or stall on purpose, and a ledger that tests read.
//!
//! - [`domain`]: what an intent answers; read [`domain::intent`] first, then [`domain::refund`] and [`domain::method`]
//! - [`application`]: load, decide, save once; late answers
//! - [`inbound`]: Stripe's forms come in, Stripe's JSON goes out
//! - [`outbound`]: the one conditional write

#![deny(clippy::indexing_slicing, clippy::panic)]

pub mod application;
pub mod domain;
pub mod inbound;
pub mod outbound;
