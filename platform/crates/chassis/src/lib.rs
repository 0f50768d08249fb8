//! How every service of the order management system behaves: functions that a service calls, no framework.
//!
//! - [`config`], [`aws`], [`clock`]: the rim, where the process meets its environment
//! - [`telemetry`]: JSON log lines; [`cause`]: what ties a line or an event to what led to it
//! - [`verdict`]: whether trying again could help; [`backoff`]: how long that waits
//! - [`consumer`]: queue → event → handler → partial batch response
//! - [`store`]: one conditional write of state and events; [`relay`]: stream → bus; [`sweep`]: what is due without a message
//! - [`http`]: requests, callers, problems (RFC 9457)

pub mod aws;
pub mod backoff;
pub mod cause;
pub mod clock;
pub mod config;
pub mod consumer;
pub mod http;
pub mod relay;
pub mod store;
pub mod sweep;
pub mod telemetry;
pub mod verdict;

/// An error of any library, kept as a source.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
