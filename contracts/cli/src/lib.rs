//! The command line of the published language.
//!
//! - [`commands`]: from arguments to printed lines and an exit code
//! - [`tree`]: the files of the working tree: schemas, samples, releases, declarations
//! - [`generate`]: writes the files that follow from the Rust types and the declarations
//! - [`compare`]: what differs between two schemas; [`judge`]: whether that breaks a consumer, and which
//! - [`check`]: compares the working tree with its last release; [`report`]: prints the result
//! - [`release`]: appends a release
//! - [`who_breaks`]: the services that a change would break
//! - [`validate`]: validates events from any source

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
