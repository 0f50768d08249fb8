//! Reading and writing one item.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure};
use aws_sdk_dynamodb::{Client, operation::put_item::PutItemError};
use serde::{Serialize, de::DeserializeOwned};

use super::{Attributes, Change, DUE_AT, KEY, OUTBOX, Outbox, Revision, Saved, StoreError, Stored, Unknown, due};
use crate::aws::AwsError;
use crate::{BoxError, clock};

/// A table whose items are aggregates.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    outbox: Outbox,
}

impl Table {
    /// The table `name`, whose outbox holds whole events; nothing is asked of AWS yet.
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self { client: Client::new(aws), name, outbox: Outbox::WHOLE }
    }

    /// The same table, whose outbox is kept in another way.
    #[must_use]
    pub fn publishing(self, outbox: Outbox) -> Self {
        Self { outbox, ..self }
    }

    /// The client that the table is reached with, for queries that are the service's own.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The item under `key`, as of now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn load<R: Serialize + DeserializeOwned>(&self, key: &str) -> Result<Option<Stored<R>>, StoreError> {
        let get = self.client.get_item().table_name(&self.name).key(KEY, AttributeValue::S(key.to_owned()));
        let found = get.consistent_read(true).send().await.map_err(|error| self.unavailable(&error))?;
        found.item.map(|attributes| self.read(&attributes)).transpose()
    }

    /// Writes the state and the events that it caused, unless somebody else has written since `read`.
    ///
    /// # Errors
    /// [`StoreError`]; a lost race is not one but [`Saved::Conflict`].
    pub async fn save<R: Serialize + DeserializeOwned>(
        &self,
        key: &str,
        change: Change<R>,
        read: &Revision,
    ) -> Result<Saved<Stored<R>>, StoreError> {
        let (put, revision) = self.put(key, &change, read)?;
        let request = self.client.put_item().table_name(&self.name).set_item(Some(put.item));
        let sent = request
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_values(put.expression_attribute_values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Saved::Applied(Stored { value: change.record, revision })),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(lost)) => {
                    Ok(Saved::Conflict(lost.item.as_ref().map(|attributes| self.read(attributes)).transpose()?))
                }
                Some(_) | None => Err(self.unavailable(&error)),
            },
        }
    }

    /// The conditional write as a part of a transaction, and the revision that it leads to. What the read found that this
    /// version does not know goes along.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the record cannot be an item.
    pub fn put<R: Serialize>(
        &self,
        key: &str,
        change: &Change<R>,
        read: &Revision,
    ) -> Result<(Put, Revision), StoreError> {
        let mut item = self.item(&change.record)?;
        let unknown = read.unknown.added_to(&mut item);
        let wakes_at = due::wakes_at(read.wakes_at, change.due, clock::now());
        let emitted = read.emitted + change.outbox.len() as u64;
        let next = Revision { version: read.version + 1, emitted, wakes_at, unknown };
        item.insert(KEY.into(), AttributeValue::S(key.to_owned()));
        item.insert("version".into(), AttributeValue::N(next.version.to_string()));
        item.insert("emitted".into(), AttributeValue::N(next.emitted.to_string()));
        if !change.outbox.is_empty() {
            let entries = self.outbox.entries(key, &change.outbox, read, &item);
            item.insert(OUTBOX.into(), AttributeValue::S(entries));
        }
        due::insert(&mut item, key, wakes_at, change.due);
        let put = Put::builder().table_name(&self.name).set_item(Some(item));
        let put = match read.version {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            seen => put
                .condition_expression("version = :read")
                .expression_attribute_values(":read", AttributeValue::N(seen.to_string())),
        };
        Ok((put.build().map_err(|error| self.corrupt(error))?, next))
    }

    /// An item's attributes as a record and its revision.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read<R: Serialize + DeserializeOwned>(&self, attributes: &Attributes) -> Result<Stored<R>, StoreError> {
        let number = |name: &str| attributes.get(name).and_then(|value| value.as_n().ok()?.parse::<i64>().ok());
        let count = |name: &str| {
            let count = number(name).and_then(|number| u64::try_from(number).ok());
            count.ok_or_else(|| self.corrupt(format!("{name} is not a count")))
        };
        let (version, emitted) = (count("version")?, count("emitted")?);
        let value = serde_dynamo::aws_sdk_dynamodb_1::from_item(attributes.clone());
        let value = value.map_err(|error| self.corrupt(error))?;
        let unknown = Unknown::between(attributes, &self.item(&value)?);
        Ok(Stored { value, revision: Revision { version, emitted, wakes_at: number(DUE_AT), unknown } })
    }

    /// What a record writes.
    fn item<R: Serialize>(&self, record: &R) -> Result<Attributes, StoreError> {
        serde_dynamo::aws_sdk_dynamodb_1::to_item(record).map_err(|error| self.corrupt(error))
    }

    /// An error of the SDK as this module's.
    pub fn unavailable<E>(&self, error: &SdkError<E>) -> StoreError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        StoreError::Unavailable(self.name.clone(), AwsError::of(error))
    }

    /// An item that is not what this version of the service writes, and why.
    pub fn corrupt(&self, why: impl Into<BoxError>) -> StoreError {
        StoreError::Corrupt(self.name.clone(), why.into())
    }
}
