//! The command line of the published language.
//!
//! - [`commands`]: from arguments to printed lines and an exit code
//! - [`tree`]: what lies in the working tree: schemas, samples, releases, declarations
//! - [`generate`]: what is made from the Rust types and the declarations
//! - [`compare`]: what differs between two schemas; [`judge`]: what that means, and for whom
//! - [`check`]: all of it, for the tree and its last release; [`report`]: in words
//! - [`release`]: appends a release
//! - [`who_breaks`]: the services that a change would hurt
//! - [`validate`]: whether events from anywhere fit

pub mod check;
pub mod commands;
pub mod compare;
pub mod generate;
pub mod judge;
pub mod release;
pub mod report;
pub mod tree;
pub mod validate;
pub mod who_breaks;
