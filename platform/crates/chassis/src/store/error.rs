//! Why a table could not be read or written.

use std::time::Duration;

use crate::BoxError;
use crate::aws::AwsError;
use crate::verdict::{Classify, Verdict};

/// How long a deployment may be under way, in which a newer version has written what this one cannot read.
const ROLLOUT: Duration = Duration::from_hours(1);

/// Why a table could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table did not answer, or refused, and how.
    #[error("the table {0} did not answer")]
    Unavailable(String, #[source] AwsError),
    /// An item of the table is not what this version of the service writes, and why.
    #[error("an item of {0} does not have the shape of its record")]
    Corrupt(String, #[source] BoxError),
    /// Others wrote the item under this key again and again.
    #[error("the item `{0}` was written by others too often")]
    Contended(String),
}

impl Classify for StoreError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Unavailable(_, error) => error.verdict(),
            Self::Contended(_) => Verdict::Retry,
            Self::Corrupt(..) => Verdict::RetryFor(ROLLOUT),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Unavailable(_, error) => error.class(),
            Self::Corrupt(..) => "store_corrupt",
            Self::Contended(_) => "store_contended",
        }
    }
}
