//! The ids that newcomer refers to. A value of these types has its shape.

use std::fmt;

use uuid::Uuid;

/// Names an order: `ord_` and a UUID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderId(String);

impl OrderId {
    /// The value, if the text has the shape.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let lower = |rest: &str| rest.len() == 36 && !rest.bytes().any(|b| b.is_ascii_uppercase());
        let valid = text.strip_prefix("ord_").is_some_and(|rest| lower(rest) && Uuid::try_parse(rest).is_ok());
        valid.then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
