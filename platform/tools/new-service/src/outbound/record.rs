//! Item ⇄ order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::ids::OrderId;
use crate::domain::order::Order;

/// An order as its item holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderRecord {
    order_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
}

/// A value in the item that the domain does not allow.
#[derive(Debug, thiserror::Error)]
#[error("the item's {0} is outside the domain")]
pub struct OutsideDomain(&'static str);

impl From<&Order> for OrderRecord {
    fn from(order: &Order) -> Self {
        Self { order_id: order.id.to_string(), completed_at: order.completed_at }
    }
}

impl OrderRecord {
    /// The order that the item holds.
    ///
    /// # Errors
    /// [`OutsideDomain`], when another program wrote the item.
    pub fn order(&self) -> Result<Order, OutsideDomain> {
        let id = OrderId::new(&self.order_id).ok_or(OutsideDomain("orderId"))?;
        Ok(Order { id, completed_at: self.completed_at })
    }
}
