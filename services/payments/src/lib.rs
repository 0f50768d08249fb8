//! The payments service: it charges, declines, voids and refunds the payment of each order, and never sets an order's
//! status.
//!
//! - [`domain`]: the rules; read [`domain::payment`], then [`domain::decide`], then the topics
//! - [`application`]: the use cases; each loads a payment, lets the rules decide, writes, and calls the gateway
//! - [`inbound`]: requests, events, dead letters and the clock come in
//! - [`outbound`]: the table, the events that it publishes, and the gateway

#![deny(clippy::indexing_slicing, clippy::panic)]

pub mod application;
pub mod domain;
pub mod inbound;
pub mod outbound;
