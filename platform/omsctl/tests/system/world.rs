//! What every test of the whole system begins with.

use omsctl::aws::Aws;
use omsctl::desk::{Desk, Tokens};
use omsctl::repository::Repository;
use omsctl::shop::{Shop, dead_letters};
use omsctl::system::System;
use testkit::{Stage, eventually, unique};

use crate::invariants::id;

pub struct World {
    pub shop: Shop,
    pub aws: Aws,
    pub stage: Stage,
    pub desk: Desk,
}

impl World {
    pub async fn open() -> Self {
        let stage = Stage::from_env().await;
        let system: System = stage.description();
        let (aws, repository) = (system.connect().await, Repository::find().unwrap());
        let desk = Desk::open(&repository, &aws, system.clone(), Tokens::default()).await.unwrap();
        let shop = Shop::open(&repository, &aws, system).await.unwrap();
        shop.leave_address("ada").await.unwrap();
        Self { shop, aws, stage, desk }
    }

    /// Whether every dead-letter queue is empty now.
    pub async fn no_dead_letters(&self) -> bool {
        dead_letters(&self.aws, &self.shop.system).await.unwrap().values().all(|count| *count == 0)
    }

    /// Whether every message was handled, and none parked.
    pub async fn drained(&self) -> bool {
        use aws_sdk_sqs::types::QueueAttributeName::{
            ApproximateNumberOfMessages as Seen, ApproximateNumberOfMessagesNotVisible as Hidden,
        };
        for service in self.shop.system.services.values() {
            let Some(queue) = &service.queue else { continue };
            let sqs = self.aws.sqs();
            let request = sqs.get_queue_attributes().queue_url(&queue.url);
            let request = request.attribute_names(Seen).attribute_names(Hidden);
            let counts = request.send().await.unwrap().attributes.unwrap_or_default();
            if counts.values().any(|count| count != "0") {
                return false;
            }
        }
        self.no_dead_letters().await
    }

    pub async fn quiet(&self) {
        eventually("every queue is drained", || async { self.drained().await }).await;
    }

    /// A sku that only this test uses, with so many pieces.
    pub async fn stocked(&self, sku: &str, pieces: i64) -> String {
        let sku = unique(sku);
        self.shop.adjust(&sku, pieces, &unique("stock")).await.unwrap();
        sku
    }

    /// An order of ada's for one piece.
    pub async fn ordered(&self, sku: &str, method: &str) -> String {
        let basket = Shop::basket(&[(sku, 1, 900)], method);
        id(&self.shop.order("ada", &unique("order"), &basket).await.unwrap()).to_owned()
    }
}
