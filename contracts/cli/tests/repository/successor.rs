//! `OrderCreated.v2`, whose amounts carry their currency, and `OrderCreated.v1` with its end announced.

use std::borrow::Cow;

use contracts::ids::{Currency, CustomerId, OrderId, Sku};
use contracts::{Deprecation, EventData, Instead, Samples, orders};
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// An order was accepted. Stock and money are not yet touched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderCreated {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// What was ordered.
    pub lines: Vec<Line>,
    /// Sum of quantity × unit price over the lines.
    pub total: Money,
    /// When the order was accepted.
    pub placed_at: Timestamp,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// What is sold.
    pub sku: Sku,
    /// How many pieces.
    pub quantity: u32,
    /// Price of one piece.
    pub unit_price: Money,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// How much, in minor units of `currency`.
    pub amount: u64,
    /// In which currency.
    pub currency: Currency,
}

/// The same fact in the shape of the new major.
impl From<&orders::OrderCreated> for OrderCreated {
    fn from(old: &orders::OrderCreated) -> Self {
        let money = |amount| Money { amount, currency: old.currency.clone() };
        let line = |line: &orders::OrderLine| Line {
            sku: line.sku.clone(),
            quantity: line.quantity,
            unit_price: money(line.unit_price),
        };
        Self {
            order_id: old.order_id.clone(),
            customer_id: old.customer_id.clone(),
            lines: old.lines.iter().map(line).collect(),
            total: money(old.total),
            placed_at: old.placed_at,
        }
    }
}

impl EventData for OrderCreated {
    const TYPE: &'static str = "OrderCreated.v2";
    const SOURCE: &'static str = orders::SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
}

impl Samples for OrderCreated {
    fn samples() -> Vec<Self> {
        orders::OrderCreated::samples().iter().map(Self::from).collect()
    }
}

/// `OrderCreated.v1`, deprecated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeprecatedOrderCreated(pub orders::OrderCreated);

/// Its schema is that of the type itself, without a wrapper.
impl JsonSchema for DeprecatedOrderCreated {
    fn schema_name() -> Cow<'static, str> {
        orders::OrderCreated::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        orders::OrderCreated::json_schema(generator)
    }
}

impl EventData for DeprecatedOrderCreated {
    const TYPE: &'static str = orders::OrderCreated::TYPE;
    const SOURCE: &'static str = orders::SOURCE;

    fn subject(&self) -> &str {
        self.0.subject()
    }

    fn deprecation() -> Option<Deprecation> {
        Some(Deprecation { instead: Instead::Consume(OrderCreated::TYPE), sunset: "2027-03-31" })
    }
}

impl Samples for DeprecatedOrderCreated {
    fn samples() -> Vec<Self> {
        orders::OrderCreated::samples().into_iter().map(Self).collect()
    }
}

/// An order was wrapped as a gift, which the shop no longer does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderGiftWrapped {
    /// The order.
    pub order_id: OrderId,
}

impl EventData for OrderGiftWrapped {
    const TYPE: &'static str = "OrderGiftWrapped.v1";
    const SOURCE: &'static str = orders::SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }

    fn deprecation() -> Option<Deprecation> {
        Some(Deprecation {
            instead: Instead::Nothing { because: "no order is wrapped any more" },
            sunset: "2027-03-31",
        })
    }
}

impl Samples for OrderGiftWrapped {
    fn samples() -> Vec<Self> {
        orders::OrderConfirmed::samples().into_iter().map(|it| Self { order_id: it.order_id }).collect()
    }
}
