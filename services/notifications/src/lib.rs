//! The notifications service: mail to customers when their orders end, each once, without holding up an order.
//!
//! - [`domain`]: the rules; read [`domain::delivery`] first
//! - [`application`]: the use cases; read [`application::apply_event`] first
//! - [`inbound`]: requests and events come in
//! - [`outbound`]: the tables, the mail, the events that are published

#![deny(clippy::indexing_slicing, clippy::panic)]

pub mod application;
pub mod domain;
pub mod inbound;
pub mod outbound;
