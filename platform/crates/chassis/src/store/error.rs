//! Why a table could not be read or written.

use crate::BoxError;
use crate::verdict::{Classify, Verdict};

/// Why a table could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The service did not answer, or refused for now.
    #[error("the table {table} did not answer: {detail}")]
    Unavailable {
        /// The table.
        table: String,
        /// The service's own words.
        detail: String,
    },
    /// The item is not what this version of the service writes.
    #[error("an item of {table} does not have the shape of its record")]
    Corrupt {
        /// The table.
        table: String,
        /// What did not fit.
        #[source]
        source: BoxError,
    },
    /// Others wrote the same item again and again.
    #[error("the item `{key}` was written by others too often")]
    Contended {
        /// The item.
        key: String,
    },
}

impl Classify for StoreError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Unavailable { .. } | Self::Contended { .. } => Verdict::Retry,
            Self::Corrupt { .. } => Verdict::Park,
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "store_unavailable",
            Self::Corrupt { .. } => "store_corrupt",
            Self::Contended { .. } => "store_contended",
        }
    }
}
