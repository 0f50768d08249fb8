//! What every test of the whole system begins with.

use omsctl::aws::Aws;
use omsctl::repository::Repository;
use omsctl::shop::{Shop, dead_letters};
use omsctl::system::System;
use testkit::{Stage, unique};

pub struct World {
    pub shop: Shop,
    pub aws: Aws,
    pub stage: Stage,
}

impl World {
    pub async fn open() -> Self {
        let stage = Stage::from_env().await;
        let system: System = stage.description();
        let aws = system.connect().await;
        let shop = Shop::open(&Repository::find().unwrap(), &aws, system).await.unwrap();
        shop.leave_address("ada").await.unwrap();
        Self { shop, aws, stage }
    }

    /// Whether every dead-letter queue is empty now.
    pub async fn no_dead_letters(&self) -> bool {
        dead_letters(&self.aws, &self.shop.system).await.unwrap().values().all(|count| *count == 0)
    }

    /// A sku that only this test uses, with so many pieces.
    pub async fn stocked(&self, sku: &str, pieces: i64) -> String {
        let sku = unique(sku);
        self.shop.adjust(&sku, pieces, &unique("stock")).await.unwrap();
        sku
    }
}
