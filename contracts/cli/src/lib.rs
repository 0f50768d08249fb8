//! The command line of the published language.
//!
//! - [`tree`]: what lies in the working tree: schemas, samples, releases, declarations
//! - [`generate`]: what is made from the Rust types and the declarations

pub mod generate;
pub mod tree;
