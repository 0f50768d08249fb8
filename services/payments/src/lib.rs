//! The payments service: it charges, declines and voids the payment of each order, and never sets an order's status.
//!
//! - [`domain`]: the rules; read [`domain::payment`], then [`domain::decide`]
//! - [`settle`]: one message's way from what it says to a payment that is settled
//! - [`inbound`]: requests, events and dead letters come in
//! - [`outbound`]: the one conditional write, the events it publishes, and the gateway

pub mod domain;
pub mod inbound;
pub mod outbound;
pub mod settle;
