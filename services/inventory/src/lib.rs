//! The inventory service: it keeps stock, and reserves, releases and sells it for orders. It never reads an order.
//!
//! - [`domain`]: the rules; read [`domain::reservation`] first
//! - [`application`]: the use cases, each load → decide → save
//! - [`inbound`]: requests, events and the schedule come in
//! - [`outbound`]: stock and reservations, written together or not at all, and the events that they publish

#![deny(clippy::indexing_slicing, clippy::panic)]

pub mod application;
pub mod domain;
pub mod inbound;
pub mod outbound;
