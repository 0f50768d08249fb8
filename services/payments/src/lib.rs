//! The payments service: it charges, declines, voids and refunds the payment of each order, and never sets an order's
//! status.
//!
//! - [`domain`]: the rules; read [`domain::payment`], then [`domain::decide`], then [`domain::refund`]
//! - [`settle`]: the way from what was heard to a payment that is settled
//! - [`inbound`]: requests, events, dead letters and the clock come in
//! - [`outbound`]: the one conditional write, the events it publishes, and the gateway

pub mod domain;
pub mod inbound;
pub mod outbound;
pub mod settle;
