//! The notifications service: it tells customers how their orders ended, each time once, and never holds up an order.
//!
//! - [`domain`]: the rules; read [`domain::delivery`] first
//! - [`inbound`]: requests and events come in
//! - [`outbound`]: the tables, the mail, the events that are published

pub mod domain;
pub mod inbound;
pub mod outbound;
