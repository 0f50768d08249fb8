//! The orders service: it accepts, confirms, cancels and completes orders, and touches neither stock nor money.
//!
//! - [`domain`]: the rules; read [`domain::order`] first
//! - [`application`]: the use cases; each loads an order, decides by a rule, and saves
//! - [`inbound`]: requests, events and time come in
//! - [`outbound`]: the one conditional write, and the events that it publishes

#![deny(clippy::indexing_slicing, clippy::panic)]

pub mod application;
pub mod domain;
pub mod inbound;
pub mod outbound;
