//! The table of orders.

use aws_config::SdkConfig;
use chassis::store::{Change, Item, StoreError, Table};

use super::OrderRecord;
use crate::domain::ids::OrderId;
use crate::domain::order::Order;

/// Orders, each one item.
#[derive(Debug, Clone)]
pub struct OrderStore(Table);

impl OrderStore {
    /// The orders in the table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self(Table::new(aws, name))
    }

    /// Decides on an order and saves what it becomes; true if that was news.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update(&self, id: &OrderId, decide: impl Fn(&Order) -> Order) -> Result<bool, StoreError> {
        let decide = |item: Option<&Item<OrderRecord>>| {
            let before = self.order(id, item)?;
            let after = decide(&before);
            let news = after != before;
            let change = || Change { record: OrderRecord::from(&after), outbox: Vec::new(), due: None };
            Ok::<_, StoreError>((news, news.then(change)))
        };
        self.0.update(id.as_str(), decide).await
    }

    fn order(&self, id: &OrderId, item: Option<&Item<OrderRecord>>) -> Result<Order, StoreError> {
        let corrupt = |error| StoreError::Corrupt { table: self.0.name().to_owned(), source: Box::new(error) };
        item.map_or_else(|| Ok(Order::unknown(id.clone())), |item| item.value.order().map_err(corrupt))
    }
}
