//! The mechanism that all services share: functions that a service calls, not a framework. See README.md.
//!
//! - [`config`], [`aws`], [`clock`]: the rim, where the process meets its environment
//! - [`telemetry`]: JSON log lines; [`cause`]: what ties a line or an event to what led to it
//! - [`verdict`]: whether trying again could help; [`backoff`]: how long that waits
//! - [`consumer`]: queue → event → handler → partial batch response
//! - [`store`]: one conditional write of state and events; [`relay`]: stream → bus; [`sweep`]: what is due without a message
//! - [`http`]: requests, callers, problems (RFC 9457); [`https`]: the client that every other request is sent with

#![deny(clippy::indexing_slicing, clippy::panic)]
#![expect(clippy::must_use_candidate, reason = "a function that returns something is called for it")]

pub mod aws;
pub mod backoff;
pub mod cause;
pub mod clock;
pub mod config;
pub mod consumer;
pub mod http;
pub mod https;
pub mod relay;
pub mod store;
pub mod sweep;
pub mod telemetry;
pub mod verdict;

/// An error of any library, as the source of another.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
