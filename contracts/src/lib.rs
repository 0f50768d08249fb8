//! The published language: what services say to each other, and nothing of how.
//!
//! - [`envelope`]: the CloudEvents object that every event travels in
//! - [`ids`]: the identifiers that events share
//! - [`orders`], [`inventory`], [`payments`], [`notifications`], [`platform`]: the events, a module per source
//! - [`reading`]: what one consumer reads of an event
//! - [`catalogue`]: all of them with their schemas and samples, for what is generated
//! - `declaration`, `validate`: for tests and tools, behind features of these names

pub mod catalogue;
#[cfg(feature = "declaration")]
pub mod declaration;
pub mod envelope;
pub mod ids;
pub mod inventory;
pub mod notifications;
pub mod orders;
pub mod payments;
pub mod platform;
pub mod reading;
#[cfg(feature = "validate")]
pub mod validate;

pub use envelope::{ContractError, Deprecation, Envelope, EventData, Header, event_id};
pub use reading::{Reads, Received};
