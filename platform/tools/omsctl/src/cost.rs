//! What orders cost on AWS: the counts of a lock, times public prices.
//!
//! - [`lock`]: what one order of each path asks of AWS; [`prices`]: what AWS takes for it
//! - [`bill`]: both together
//! - [`report`]: the bill for a person or a program, beside another design's, with the fixed part of a stage
//! - [`document`]: the page that shows the bills

pub mod bill;
pub mod document;
pub mod lock;
pub mod prices;
pub mod report;
