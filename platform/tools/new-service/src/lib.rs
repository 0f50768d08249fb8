//! The newcomer service: it remembers which orders are complete.
//!
//! - [`domain`]: the rules; read [`domain::order`] first
//! - [`application`]: the use cases
//! - [`inbound`]: events come in
//! - [`outbound`]: the table

#![deny(clippy::indexing_slicing, clippy::panic)]

pub mod application;
pub mod domain;
pub mod inbound;
pub mod outbound;
