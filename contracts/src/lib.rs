//! The published language: the events that services exchange. How they travel is `chassis`' business.
//!
//! - [`envelope`]: the CloudEvents object that every event travels in
//! - [`ids`]: the identifiers that events share
//! - [`open`]: enumerations that later releases may extend
//! - [`orders`], [`inventory`], [`payments`], [`notifications`], [`platform`]: the events, a module per source
//! - [`reading`]: the fields that one consumer reads of an event
//! - [`outbox`]: how a stored outbox keeps an event
//! - [`samples`]: one instance of every shape of every event
//! - [`catalogue`]: every event type with its schema and samples, for what is generated
//! - `declaration`, `validate`: for tests and tools, behind features of these names

pub mod catalogue;
#[cfg(feature = "declaration")]
pub mod declaration;
pub mod envelope;
pub mod ids;
pub mod inventory;
pub mod notifications;
mod number;
pub mod open;
pub mod orders;
pub mod outbox;
pub mod payments;
pub mod platform;
pub mod reading;
pub mod samples;
#[cfg(feature = "validate")]
pub mod validate;
#[cfg(feature = "validate")]
mod violation;

pub use envelope::{ContractError, Deprecation, Envelope, EventData, Header, Instead, event_id};
pub use open::Open;
pub use reading::{Reads, Received};
pub use samples::Samples;
