//! Names and codes. A value of these types has the shape that its type requires.

use std::fmt;

use uuid::Uuid;

/// Namespace from which the ids of refunds that staff request are derived.
const REFUND_NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_7266_5e74_8000_7266_756e_6401);

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The value of a text that was checked before: from our own table, or from another crate's own type.
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
    };
}

macro_rules! shown {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

text_type!(
    /// Names an order.
    OrderId
);
text_type!(
    /// Names a customer: the subject of the identity provider's token.
    CustomerId
);
text_type!(
    /// Names the one payment of an order.
    PaymentId
);
text_type!(
    /// Names one return of money; also its key at the gateway.
    RefundId
);
text_type!(
    /// Names the hold on stock for an order.
    ReservationId
);
text_type!(
    /// An ISO 4217 code.
    Currency
);
text_type!(
    /// The gateway's name of the one object that a payment is charged through.
    IntentId
);
text_type!(
    /// An opaque reference to a way to pay. It goes to the gateway and nowhere else: not even `Debug` shows it.
    PaymentMethod
);

shown!(OrderId CustomerId PaymentId RefundId ReservationId Currency IntentId);

impl fmt::Debug for PaymentMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pm_…")
    }
}

impl OrderId {
    /// The rule for a text of this type.
    pub const RULE: &'static str = "must be `ord_` and a UUID";

    /// The value, if the text keeps the rule.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let lower = |rest: &str| rest.len() == 36 && !rest.bytes().any(|b| b.is_ascii_uppercase());
        let valid = |rest: &str| lower(rest) && Uuid::try_parse(rest).is_ok();
        text.strip_prefix("ord_").is_some_and(valid).then(|| Self(text.to_owned()))
    }
}

impl PaymentId {
    /// The payment of an order: always the same one. It bears the order's own UUID, so that each id leads to the other.
    #[must_use]
    pub fn of(order: &OrderId) -> Self {
        Self(format!("pay_{}", uuid_of(&order.0)))
    }

    /// The order that a payment of this name is for, if the text can be such a name.
    #[must_use]
    pub fn order(text: &str) -> Option<OrderId> {
        OrderId::new(&format!("ord_{}", text.strip_prefix("pay_")?))
    }
}

impl RefundId {
    /// The refund that a cancelled order's payment owes: at most one, so it bears the payment's own UUID.
    #[must_use]
    pub fn of(payment: &PaymentId) -> Self {
        Self(format!("rfd_{}", uuid_of(&payment.0)))
    }

    /// The refund of a payment that a member of staff requests under a key: the same key is the same refund.
    #[must_use]
    pub fn derive(payment: &PaymentId, caller: &str, key: &str) -> Self {
        // Neither of the first two contains a line break, so no two requests have the same name.
        let name = format!("{payment}\n{caller}\n{key}");
        Self(format!("rfd_{}", Uuid::new_v5(&REFUND_NAMESPACE, name.as_bytes())))
    }
}

fn uuid_of(id: &str) -> &str {
    id.split_once('_').map_or(id, |(_, uuid)| uuid)
}
