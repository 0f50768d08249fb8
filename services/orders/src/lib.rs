//! The orders service: it accepts, confirms, cancels and completes orders, and touches neither stock nor money.
//!
//! - [`domain`]: the rules; read [`domain::order`] first
//! - [`inbound`]: requests and events come in
//! - [`outbound`]: the one conditional write, and the events it publishes

pub mod domain;
pub mod inbound;
pub mod outbound;
