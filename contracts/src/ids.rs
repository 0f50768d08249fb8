//! Identifiers and quantities as they appear in events.
//!
//! A value of the wrong shape is refused where it is read, so the rest of the code never receives one.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A text that is not an identifier of the expected kind. It does not repeat the text, which may be a card number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text is not {wanted}")]
pub struct InvalidId {
    wanted: &'static str,
}

const UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

fn is_prefixed_uuid(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == 36 && uuid::Uuid::try_parse(rest).is_ok() && !rest.bytes().any(|b| b.is_ascii_uppercase())
    })
}

fn is_token(text: &str, max: usize, extra: &str) -> bool {
    (1..=max).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
}

macro_rules! text_type {
    ($(#[doc = $doc:literal])* $name:ident, $wanted:literal, $example:literal, $pattern:expr, $valid:expr) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text as it appears in events.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err(InvalidId { wanted: $wanted }) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "description": concat!($($doc),*, " It is ", $wanted, ".").trim_start(),
                    "examples": [$example],
                })
            }
        }
    };
}

text_type!(
    /// Names one order for all services.
    OrderId,
    "an order id: `ord_` and a UUID",
    "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10",
    format!("^ord_{UUID}$"),
    |t| is_prefixed_uuid("ord_", t)
);
text_type!(
    /// Names the one payment of an order.
    PaymentId,
    "a payment id: `pay_` and a UUID",
    "pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2",
    format!("^pay_{UUID}$"),
    |t| is_prefixed_uuid("pay_", t)
);
text_type!(
    /// Names one return of money to a customer; also its idempotency key at the gateway.
    RefundId,
    "a refund id: `rfd_` and a UUID",
    "rfd_6d2a9c1e-4b7f-5c3d-8e90-1a2b3c4d5e6f",
    format!("^rfd_{UUID}$"),
    |t| is_prefixed_uuid("rfd_", t)
);
text_type!(
    /// Names the hold on stock that an order has.
    ReservationId,
    "a reservation id: `rsv_` and a UUID",
    "rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31",
    format!("^rsv_{UUID}$"),
    |t| is_prefixed_uuid("rsv_", t)
);
text_type!(
    /// Names one message to one customer about one cause.
    NotificationId,
    "a notification id: `ntf_` and a UUID",
    "ntf_7d2f9b10-3c84-5b6e-9a77-12ab34cd56ef",
    format!("^ntf_{UUID}$"),
    |t| is_prefixed_uuid("ntf_", t)
);
text_type!(
    /// Names one change of stock by an operator.
    AdjustmentId,
    "a stock adjustment id: `adj_` and a UUID",
    "adj_5a1e3c66-7b7e-5d0a-8f0e-0c9d1b2a3f44",
    format!("^adj_{UUID}$"),
    |t| is_prefixed_uuid("adj_", t)
);
text_type!(
    /// Names a customer: the subject of the identity provider's token, never a name or an address.
    CustomerId,
    "a customer id: 1 to 128 letters, digits, `-` or `_`",
    "5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90",
    "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
    |t| is_token(t, 128, "-_")
);
text_type!(
    /// Names something that is sold and stocked.
    Sku,
    "a sku: 1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or digit",
    "MUG-01",
    "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
    |t| is_token(t, 64, "._-")
);
text_type!(
    /// Refers to a way to pay that is kept at the gateway; never a card number.
    PaymentMethod,
    "a payment method reference: `pm_` and 1 to 64 letters, digits or `_`",
    "pm_card_visa",
    "^pm_[A-Za-z0-9_]{1,64}$",
    |t| t.strip_prefix("pm_").is_some_and(|rest| {
        (1..=64).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
);
text_type!(
    /// Names the currency of an amount.
    Currency,
    "a currency: three capital letters of ISO 4217",
    "EUR",
    "^[A-Z]{3}$",
    |t| t.len() == 3 && t.bytes().all(|b| b.is_ascii_uppercase())
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let text = "pay_00000000-0000-7000-8000-000000000000".to_owned();
        assert!(PaymentId::try_from(text.clone()).is_ok());
        assert!(OrderId::try_from(text).is_err());
    }

    #[test]
    fn a_card_number_is_not_a_payment_method() {
        let refused = PaymentMethod::try_from("4242424242424242".to_owned()).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("4242"), "{refused:?}");
    }

    #[test]
    fn a_sku_keeps_to_its_alphabet_and_length() {
        assert!(Sku::try_from("MUG-01".to_owned()).is_ok());
        for bad in ["", "-MUG", "MUG 01", "MÜG", &"x".repeat(65)] {
            assert!(Sku::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
