//! The published language: what services say to each other, and nothing of how.
//!
//! - [`envelope`]: the CloudEvents object that every event travels in
//! - [`ids`]: the identifiers that events share
//! - [`orders`], [`inventory`], [`payments`], [`notifications`], [`platform`]: the events, a module per source
//! - [`catalogue`]: all of them with their schemas and samples, for what is generated

pub mod catalogue;
pub mod envelope;
pub mod ids;
pub mod inventory;
pub mod notifications;
pub mod orders;
pub mod payments;
pub mod platform;

pub use envelope::{ContractError, Envelope, EventData, Header, event_id};
