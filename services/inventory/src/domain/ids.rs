//! The ids of orders, reservations, adjustments and skus. A value of these types has its shape.

use std::fmt;

use uuid::Uuid;

/// Namespace from which reservation ids are derived.
const RESERVATION_NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_7273_5e76_8000_686f_6c64_7301);
/// Namespace from which adjustment ids are derived.
const ADJUSTMENT_NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_6164_5e6a_8000_7374_6f63_6b01);

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// A text that was checked before: it comes from our own table, or from an event's own type.
            #[must_use]
            pub fn trusted(text: &str) -> Self {
                Self(text.to_owned())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type!(
    /// Names an order: `ord_` and a UUID.
    OrderId
);
text_type!(
    /// Names the reservation of an order: `rsv_` and a UUID.
    ReservationId
);
text_type!(
    /// Names one change of stock by an operator: `adj_` and a UUID.
    AdjustmentId
);
text_type!(
    /// Names what is stocked; [`Sku::RULE`] is its shape.
    Sku
);

impl ReservationId {
    /// The id of the one reservation that an order can have.
    #[must_use]
    pub fn derive(order: &OrderId) -> Self {
        Self(format!("rsv_{}", Uuid::new_v5(&RESERVATION_NAMESPACE, order.as_str().as_bytes())))
    }
}

impl AdjustmentId {
    /// The id of the adjustment that an operator asks for under an idempotency key.
    #[must_use]
    pub fn derive(operator: &str, key: &str) -> Self {
        Self(format!("adj_{}", Uuid::new_v5(&ADJUSTMENT_NAMESPACE, format!("{operator}/{key}").as_bytes())))
    }
}

impl Sku {
    /// The shape of a sku, as the API answers it.
    pub const RULE: &'static str = "must be 1 to 64 letters, digits, `.`, `_` or `-`, and begin with a letter or digit";

    /// The sku, if the text has its shape.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        fits.then(|| Self(text.to_owned()))
    }
}
