//! The table of orders.

use aws_config::SdkConfig;
use chassis::store::{Change, Item, StoreError, Table};

use super::OrderRecord;
use crate::domain::ids::OrderId;
use crate::domain::order::{self, Fact, Order};

/// Orders, each one item.
#[derive(Debug, Clone)]
pub struct OrderStore(Table);

impl OrderStore {
    /// The orders in the table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self(Table::new(aws, name))
    }

    /// Writes down a fact, if nobody wrote since the item was read; whether it was news.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hear(&self, id: &OrderId, fact: &Fact) -> Result<bool, StoreError> {
        let decide = |item: Option<&Item<OrderRecord>>| {
            let before = self.order(id, item)?;
            let after = order::hear(&before, fact);
            let news = after != before;
            // What newcomer has to say would go into the same write: docs/new-service.md, "When it has something to say".
            let change = || Change { record: OrderRecord::from(&after), outbox: Vec::new(), due: None };
            Ok::<_, StoreError>((news, news.then(change)))
        };
        self.0.update(id.as_str(), decide).await
    }

    fn order(&self, id: &OrderId, item: Option<&Item<OrderRecord>>) -> Result<Order, StoreError> {
        let corrupt = |error| StoreError::Corrupt { table: self.0.name().to_owned(), source: Box::new(error) };
        item.map_or_else(|| Ok(Order::unheard(id.clone())), |item| item.value.order().map_err(corrupt))
    }
}
