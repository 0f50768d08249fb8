//! What the caller has to change: the exit status is 2, as for what the command line itself refuses.

use std::fmt;

/// An argument that cannot be meant so; the text names it, its rule and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongArgument(pub String);

impl fmt::Display for WrongArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongArgument {}
