//! Holds every event on the bus against the published schemas, for stages that are not production.
//!
//! - [`seen`]: what is wrong with one message, in words that repeat nothing of its payload
//! - [`report`]: log lines and metrics of a batch

pub mod report;
pub mod seen;
