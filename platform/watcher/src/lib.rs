//! The watcher: checks every event on the bus against the published schemas, on stages that are not production.
//!
//! - [`inspection`]: what is wrong with one message, without repeating anything of its payload
//! - [`report`]: log lines and metrics of a batch

#![deny(clippy::indexing_slicing, clippy::panic)]

pub mod inspection;
pub mod report;
