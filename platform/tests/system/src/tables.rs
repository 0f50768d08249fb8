//! Writes to the tables of services and of the gateway past every rule, as only a defect or a person would.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::world::World;

type Attributes = HashMap<String, AttributeValue>;

impl World {
    fn table(&self, name: &str) -> String {
        format!("oms-{}-{name}", self.client.system.stage)
    }

    /// Reads a whole item.
    pub async fn item(&self, table: &str, key: &str) -> Attributes {
        let get = self.aws.dynamodb().get_item().table_name(self.table(table)).consistent_read(true);
        let found = get.key("pk", AttributeValue::S(key.to_owned())).send().await.unwrap();
        found.item.unwrap_or_else(|| panic!("{table} has no {key}"))
    }

    /// Writes an item back as it was before.
    pub async fn put_back(&self, table: &str, item: Attributes) {
        let put = self.aws.dynamodb().put_item().table_name(self.table(table));
        put.set_item(Some(item)).send().await.unwrap();
    }

    pub async fn delete(&self, table: &str, key: &str) {
        let delete = self.aws.dynamodb().delete_item().table_name(self.table(table));
        delete.key("pk", AttributeValue::S(key.to_owned())).send().await.unwrap();
    }

    /// Replaces an attribute of an item; returns the item as it was before.
    pub async fn overwrite(&self, table: &str, key: &str, attribute: &str, value: AttributeValue) -> Attributes {
        let before = self.item(table, key).await;
        let mut item = before.clone();
        item.insert(attribute.to_owned(), value);
        self.put_back(table, item).await;
        before
    }

    /// Adds to a numeric attribute of an item.
    pub async fn add(&self, table: &str, key: &str, attribute: &str, delta: i64) {
        let item = self.item(table, key).await;
        let number: i64 = item[attribute].as_n().unwrap().parse().unwrap();
        self.overwrite(table, key, attribute, AttributeValue::N((number + delta).to_string())).await;
    }

    /// Sends the sandbox gateway a request that payments would never send; returns its answer.
    pub async fn at_gateway(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let url = format!("{}{path}", self.client.system.api("sandbox-gateway").unwrap());
        let request = omsctl::http::client().unwrap().post(url).bearer_auth("sk_test_by_hand");
        let answer = request.form(form).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Charges for an order by hand, without an idempotency key of payments; returns the intent's id.
    pub async fn charged_by_hand(&self, order: &str, amount: &str) -> String {
        let intent = self
            .at_gateway(
                "/v1/payment_intents",
                &[
                    ("amount", amount),
                    ("currency", "eur"),
                    ("payment_method", "pm_card_visa"),
                    ("confirm", "true"),
                    ("metadata[orderId]", order),
                ],
            )
            .await;
        assert_eq!(intent["status"], json!("succeeded"), "{intent}");
        intent["id"].as_str().unwrap().to_owned()
    }
}

/// A map attribute with string values.
pub fn map(entries: &[(&str, &str)]) -> AttributeValue {
    let entry = |(name, value): &(&str, &str)| ((*name).to_owned(), AttributeValue::S((*value).to_owned()));
    AttributeValue::M(entries.iter().map(entry).collect())
}
