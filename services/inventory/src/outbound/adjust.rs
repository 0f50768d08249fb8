//! An operator's change of stock: the change and the stock in one transaction, once per key.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use chassis::cause::Cause;
use chassis::store::{Change, KEY, Revision, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::listed::Listed;
use super::published;
use super::store::{Stocked, Store, number};
use super::transaction::{self, Ended, MAX_TRIES};
use crate::domain::ids::{AdjustmentId, Sku};
use crate::domain::stock::{Level, Refused};

/// What an operator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The name of the change: the same wish has the same.
    pub id: AdjustmentId,
    /// Who asks: the subject of the operator's token.
    pub operator: String,
    /// What is to be changed.
    pub sku: Sku,
    /// Pieces to add, or to take if negative.
    pub delta: i64,
    /// Why, if the operator says so.
    pub reason: Option<String>,
}

/// A change of stock and what it led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// What was asked for.
    pub wish: Wish,
    /// The level after it.
    pub level: Level,
    /// When it was made.
    pub at: Timestamp,
}

/// How an adjustment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adjusted {
    /// It is new.
    New(Adjustment),
    /// The same wish was carried out before.
    Before(Adjustment),
    /// The key stands for another wish.
    KeyReused,
    /// It cannot be carried out.
    Refused(Refused),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AdjustmentRecord {
    sku: String,
    delta: i64,
    reason: Option<String>,
    /// Who changed the stock: the subject of the operator's token.
    operator: String,
    available: u64,
    reserved: u64,
    at: Timestamp,
}

/// What every adjustment's key begins with.
const PREFIX: &str = "adj_";

impl Store {
    /// Changes the stock of a sku by so many pieces, once per id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn adjust(&self, wish: &Wish, cause: &Cause) -> Result<Adjusted, StoreError> {
        for tries in 1..=MAX_TRIES {
            if let Some(item) = self.reservations.load::<AdjustmentRecord>(wish.id.as_str()).await? {
                return Ok(before(wish, adjustment(wish.id.as_str(), &item.value)));
            }
            let seen = self.level(&wish.sku).await?;
            let level = match seen.as_ref().map(|seen| seen.level).unwrap_or_default().adjusted(wish.delta) {
                Ok(level) => level,
                Err(refused) => return Ok(Adjusted::Refused(refused)),
            };
            let adjustment = Adjustment { wish: wish.clone(), level, at: cause.at };
            if self.write_adjustment(&adjustment, seen.as_ref(), cause).await? == Ended::Applied {
                return Ok(Adjusted::New(adjustment));
            }
            transaction::back_off(tries).await;
        }
        Err(StoreError::Contended { key: wish.sku.to_string() })
    }

    /// A page of all adjustments, in no order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn adjustments(&self, after: Option<&str>, limit: i32) -> Result<Listed<Adjustment>, StoreError> {
        self.listed(PREFIX, after, limit, adjustment).await
    }

    async fn write_adjustment(
        &self,
        adjustment: &Adjustment,
        seen: Option<&Stocked>,
        cause: &Cause,
    ) -> Result<Ended, StoreError> {
        let version = seen.map_or(0, |seen| seen.version);
        let event = published::adjusted(adjustment, version + 1, cause)
            .map_err(|error| StoreError::Corrupt { table: self.stock.name().to_owned(), source: error.into() })?;
        let change = Change { record: AdjustmentRecord::from(adjustment), outbox: vec![event], due: None };
        let (put, _) = self.reservations.put(adjustment.wish.id.as_str(), &change, Revision::default())?;
        let stock = self.new_level(adjustment, version)?;
        let items =
            vec![TransactWriteItem::builder().put(put).build(), TransactWriteItem::builder().update(stock).build()];
        transaction::send(self.stock.client(), self.stock.name(), items).await
    }

    fn new_level(&self, adjustment: &Adjustment, version: u64) -> Result<Update, StoreError> {
        let update = Update::builder()
            .table_name(self.stock.name())
            .key(KEY, AttributeValue::S(adjustment.wish.sku.to_string()))
            .update_expression("SET available = :available, reserved = :reserved, version = :next")
            .expression_attribute_values(":available", number(adjustment.level.available))
            .expression_attribute_values(":reserved", number(adjustment.level.reserved))
            .expression_attribute_values(":next", number(version + 1));
        let update = match version {
            0 => update.condition_expression("attribute_not_exists(pk)"),
            seen => update.condition_expression("version = :seen").expression_attribute_values(":seen", number(seen)),
        };
        update.build().map_err(|error| self.stock.unavailable(&error))
    }
}

/// The id follows from operator and key, so the rest of the wish must be the same.
fn before(wish: &Wish, adjustment: Adjustment) -> Adjusted {
    if *wish == adjustment.wish { Adjusted::Before(adjustment) } else { Adjusted::KeyReused }
}

fn adjustment(id: &str, record: &AdjustmentRecord) -> Adjustment {
    let wish = Wish {
        id: AdjustmentId::trusted(id),
        operator: record.operator.clone(),
        sku: Sku::trusted(&record.sku),
        delta: record.delta,
        reason: record.reason.clone(),
    };
    let level = Level { available: record.available, reserved: record.reserved };
    Adjustment { wish, level, at: record.at }
}

impl From<&Adjustment> for AdjustmentRecord {
    fn from(adjustment: &Adjustment) -> Self {
        let Adjustment { wish, level, at } = adjustment;
        Self {
            sku: wish.sku.to_string(),
            delta: wish.delta,
            reason: wish.reason.clone(),
            operator: wish.operator.clone(),
            available: level.available,
            reserved: level.reserved,
            at: *at,
        }
    }
}
