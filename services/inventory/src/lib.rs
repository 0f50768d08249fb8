//! The inventory service: it keeps stock, and holds, releases and sells it for orders. It never reads an order.
//!
//! - [`domain`]: the rules; read [`domain::reservation`] first
//! - [`inbound`]: requests and events come in
//! - [`outbound`]: stock and reservations, written together or not at all

pub mod domain;
pub mod inbound;
pub mod outbound;
