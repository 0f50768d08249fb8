//! The names of what an order is about. A value of these types has the shape of its type.

use std::fmt;

use uuid::Uuid;

/// Namespace from which order ids are derived.
const ORDER_NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_6f72_5e64_8000_6f72_6465_7201);

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// What a text of this type must be.
            pub const RULE: &'static str = $rule;

            /// The value, if the text keeps the rule.
            #[must_use]
            pub fn new(text: &str) -> Option<Self> {
                let valid: fn(&str) -> bool = $valid;
                valid(text).then(|| Self(text.to_owned()))
            }

            /// The value of a text that is known to keep the rule: from our own table, or from an event's own type.
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

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type!(
    /// Names an order.
    OrderId, "must be `ord_` and a UUID", |t| is_prefixed_uuid("ord_", t)
);
text_type!(
    /// Names a customer: the subject of the identity provider's token.
    CustomerId, "must be 1 to 128 letters, digits, `-` or `_`", |t| is_token(t, 128, "-_")
);
text_type!(
    /// Names the payment of an order.
    PaymentId, "must be `pay_` and a UUID", |t| is_prefixed_uuid("pay_", t)
);
text_type!(
    /// Names one return of money.
    RefundId, "must be `rfd_` and a UUID", |t| is_prefixed_uuid("rfd_", t)
);
text_type!(
    /// Names the hold on stock for an order.
    ReservationId, "must be `rsv_` and a UUID", |t| is_prefixed_uuid("rsv_", t)
);
text_type!(
    /// Names what is sold.
    Sku, "must be 1 to 64 letters, digits, `.`, `_` or `-`, and begin with a letter or digit", |t| is_token(t, 64, "._-")
);
text_type!(
    /// An opaque reference to a way to pay; a card number does not fit its shape.
    PaymentMethod, "must be `pm_` and 1 to 64 letters, digits or `_`", |t| {
        t.strip_prefix("pm_").is_some_and(|rest| is_token(rest, 64, "_"))
    }
);
text_type!(
    /// What a client calls one request to order, so that repeating the request does not repeat the order.
    IdempotencyKey, "must be 1 to 255 visible ASCII characters", |t| {
        (1..=255).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_graphic())
    }
);

impl OrderId {
    /// The correlation id of the order's saga, and of no other: every log line and event of it carries the id.
    #[must_use]
    pub fn saga(&self) -> String {
        format!("cor_{}", self.0.trim_start_matches("ord_"))
    }

    /// The id of the order that this customer names by this key: always the same one.
    #[must_use]
    pub fn derive(customer: &CustomerId, key: &IdempotencyKey) -> Self {
        Self(format!("ord_{}", Uuid::new_v5(&ORDER_NAMESPACE, format!("{customer}/{key}").as_bytes())))
    }
}

fn is_prefixed_uuid(prefix: &str, text: &str) -> bool {
    let lower = |rest: &str| rest.len() == 36 && !rest.bytes().any(|b| b.is_ascii_uppercase());
    text.strip_prefix(prefix).is_some_and(|rest| lower(rest) && Uuid::try_parse(rest).is_ok())
}

fn is_token(text: &str, max: usize, extra: &str) -> bool {
    (1..=max).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
}
