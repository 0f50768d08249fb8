//! The newcomer service: it remembers which orders are complete.
//!
//! - [`domain`]: the rules; read [`domain::order`] first
//! - [`inbound`]: events come in
//! - [`outbound`]: the table

pub mod domain;
pub mod inbound;
pub mod outbound;
