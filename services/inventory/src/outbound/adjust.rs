//! An operator's change of stock: the change and the stock in one transaction, once per key.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use chassis::cause::Cause;
use chassis::store::{Change, Item, KEY, Revision, StoreError};
use serde::{Deserialize, Serialize};

use super::published;
use super::store::{Stocked, Store, number};
use super::transaction::{self, Ended, MAX_TRIES};
use crate::domain::ids::{AdjustmentId, Sku};
use crate::domain::stock::{Level, Refused};

/// A change of stock and what it led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Its name.
    pub id: AdjustmentId,
    /// What was changed.
    pub sku: Sku,
    /// Pieces added, or taken if negative.
    pub delta: i64,
    /// The level after it.
    pub level: Level,
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
    available: u64,
    reserved: u64,
}

impl Store {
    /// Changes the stock of a sku by so many pieces, once per id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn adjust(
        &self,
        id: &AdjustmentId,
        sku: &Sku,
        delta: i64,
        reason: Option<&str>,
        cause: &Cause,
    ) -> Result<Adjusted, StoreError> {
        for tries in 1..=MAX_TRIES {
            if let Some(Item { record, .. }) = self.reservations.load::<AdjustmentRecord>(id.as_str()).await? {
                return Ok(before(id, &record, sku, delta, reason));
            }
            let seen = self.level(sku).await?;
            let level = match seen.as_ref().map(|seen| seen.level).unwrap_or_default().adjusted(delta) {
                Ok(level) => level,
                Err(refused) => return Ok(Adjusted::Refused(refused)),
            };
            let adjustment = Adjustment { id: id.clone(), sku: sku.clone(), delta, level };
            if self.write_adjustment(&adjustment, reason, seen.as_ref(), cause).await? == Ended::Applied {
                return Ok(Adjusted::New(adjustment));
            }
            transaction::back_off(tries).await;
        }
        Err(StoreError::Contended { table: self.stock.name().to_owned(), key: sku.to_string() })
    }

    async fn write_adjustment(
        &self,
        adjustment: &Adjustment,
        reason: Option<&str>,
        seen: Option<&Stocked>,
        cause: &Cause,
    ) -> Result<Ended, StoreError> {
        let version = seen.map_or(0, |seen| seen.version);
        let event = published::adjusted(adjustment, version + 1, cause)
            .map_err(|error| StoreError::Corrupt { table: self.stock.name().to_owned(), source: error.into() })?;
        let record = AdjustmentRecord {
            sku: adjustment.sku.to_string(),
            delta: adjustment.delta,
            reason: reason.map(ToOwned::to_owned),
            available: adjustment.level.available,
            reserved: adjustment.level.reserved,
        };
        let change = Change { record, outbox: vec![event] };
        let (put, _) = self.reservations.put(adjustment.id.as_str(), &change, Revision::default())?;
        let stock = self.new_level(adjustment, version)?;
        let items =
            vec![TransactWriteItem::builder().put(put).build(), TransactWriteItem::builder().update(stock).build()];
        transaction::send(self.stock.client(), self.stock.name(), items).await
    }

    fn new_level(&self, adjustment: &Adjustment, version: u64) -> Result<Update, StoreError> {
        let update = Update::builder()
            .table_name(self.stock.name())
            .key(KEY, AttributeValue::S(adjustment.sku.to_string()))
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

fn before(id: &AdjustmentId, record: &AdjustmentRecord, sku: &Sku, delta: i64, reason: Option<&str>) -> Adjusted {
    let same = record.sku == sku.as_str() && record.delta == delta && record.reason.as_deref() == reason;
    let level = Level { available: record.available, reserved: record.reserved };
    let adjustment = Adjustment { id: id.clone(), sku: sku.clone(), delta, level };
    if same { Adjusted::Before(adjustment) } else { Adjusted::KeyReused }
}
