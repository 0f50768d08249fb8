//! The ids that a message refers to. A value of these types has its shape.

use std::fmt;

use uuid::Uuid;

/// Namespace from which notification ids are derived.
const NOTIFICATION_NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_6e74_5e66_8000_6e6f_7469_6601);
/// Namespace from which the marks of addresses are derived.
const ADDRESS_NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_6164_5e72_8000_6164_6472_6501);
/// Namespace from which the ids of requests to send a message again are derived.
const RESEND_NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_7273_5e6e_8000_7265_7365_6e01);

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The rule, for the client whose text breaks it.
            pub const RULE: &'static str = $rule;

            /// The value, if the text keeps the rule.
            #[must_use]
            pub fn new(text: &str) -> Option<Self> {
                let valid: fn(&str) -> bool = $valid;
                valid(text).then(|| Self(text.to_owned()))
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
    CustomerId, "must be 1 to 128 letters, digits, `-` or `_`", |t| {
        (1..=128).contains(&t.len())
            && t.starts_with(|c: char| c.is_ascii_alphanumeric())
            && t.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    }
);
text_type!(
    /// Names one message to an order's customer.
    NotificationId, "must be `ntf_` and a UUID", |t| is_prefixed_uuid("ntf_", t)
);

/// Names one attempt to send a message: a delivery of its fact by the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimId(Uuid);

impl ClaimId {
    /// The id with this number, of 128 bits that no other attempt has.
    #[must_use]
    pub fn new(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u128 {
        self.0.as_u128()
    }
}

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Names a request of staff to send a message again: the same key of the same caller is the same request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResendId(Uuid);

impl ResendId {
    /// The request that a member of staff makes about a message under a key.
    #[must_use]
    pub fn derive(notification: &NotificationId, caller: &CustomerId, key: &str) -> Self {
        // Neither of the first two contains a line break, so no two requests have the same name.
        let name = format!("{notification}\n{caller}\n{key}");
        Self(Uuid::new_v5(&RESEND_NAMESPACE, name.as_bytes()))
    }

    /// The id with this number.
    #[must_use]
    pub fn new(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u128 {
        self.0.as_u128()
    }
}

/// Tells whether two mails went to one address, without the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressMark(Uuid);

impl AddressMark {
    /// The mark of an address.
    #[must_use]
    pub fn of(address: &str) -> Self {
        Self(Uuid::new_v5(&ADDRESS_NAMESPACE, address.as_bytes()))
    }

    /// The mark with this number.
    #[must_use]
    pub fn new(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }

    /// The mark that this text shows.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl fmt::Display for AddressMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl NotificationId {
    /// The id of the one message that an order leads to by a template and a channel: always the same one. An order ends
    /// once, so each cause leads to one message, even if the cause is published again under another event id.
    #[must_use]
    pub fn derive(order: &OrderId, template: &str, channel: &str) -> Self {
        let name = format!("{order}/{template}/{channel}");
        Self(format!("ntf_{}", Uuid::new_v5(&NOTIFICATION_NAMESPACE, name.as_bytes())))
    }
}

fn is_prefixed_uuid(prefix: &str, text: &str) -> bool {
    let lower = |rest: &str| rest.len() == 36 && !rest.bytes().any(|b| b.is_ascii_uppercase());
    text.strip_prefix(prefix).is_some_and(|rest| lower(rest) && Uuid::try_parse(rest).is_ok())
}
