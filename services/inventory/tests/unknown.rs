//! What a newer version has written into an item survives every write of this one: of a reservation, alone or in a
//! transaction, and of the stock that moves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::fmt::Debug;

use chassis::cause::Cause;
use inventory::application::{Store, adjust, announce, apply_event, sweep};
use inventory::domain::adjustment::AdjustmentRequest;
use inventory::domain::ids::{AdjustmentId, OrderId, Sku};
use inventory::domain::reservation::{Fact, Line};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::Tables;

const AT: Timestamp = Timestamp::UNIX_EPOCH;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Ten mugs, an order that holds two of them, and a newer version that has written both items.
struct Shop {
    tables: Tables,
    store: Store,
    order: OrderId,
}

impl Shop {
    async fn open() -> Self {
        let (tables, aws) = Tables::open(&[]).await;
        let store = Store::new(&aws, "stock".to_owned(), "reservations".to_owned());
        let shop = Self { tables, store, order: OrderId::trusted("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10") };
        shop.stock(10).await;
        shop.tables.grow("stock", "MUG");
        let created =
            Fact::Created { lines: vec![Line { sku: Sku::trusted("MUG"), quantity: 2 }], expires_at: AT + HOUR };
        let before = shop.item("stock", "MUG");
        apply_event(&shop.store, &shop.order, &created, &cause()).await.unwrap();
        shop.tables.keeps("stock", "MUG", &before, "the hold");
        shop.tables.grow("reservations", shop.order.as_str());
        shop
    }

    async fn stock(&self, delta: i64) {
        let (id, operator) = (
            AdjustmentId::trusted(&format!("adj_{}", uuid::Uuid::from_u128(delta.unsigned_abs().into()))),
            "olga".to_owned(),
        );
        let request = AdjustmentRequest { id, operator, sku: Sku::trusted("MUG"), delta, reason: None };
        adjust(&self.store, &request, &cause()).await.unwrap();
    }

    fn item(&self, table: &str, key: &str) -> Value {
        self.tables.item(table, key)
    }

    /// Checks both items after some work.
    async fn keeps<T>(&self, what: &str, available: &str, work: impl Future<Output = Result<T, impl Debug>>) {
        let (reservation, stock) = (self.item("reservations", self.order.as_str()), self.item("stock", "MUG"));
        drop(work.await.unwrap());
        assert_ne!(self.item("reservations", self.order.as_str())["version"], reservation["version"], "{what}");
        self.tables.keeps("reservations", self.order.as_str(), &reservation, what);
        self.tables.keeps("stock", "MUG", &stock, what);
        assert_eq!(self.item("stock", "MUG")["available"]["N"], json!(available), "{what}");
    }

    async fn hears(&self, fact: &Fact, available: &str) {
        let cause = cause();
        let applied = apply_event(&self.store, &self.order, fact, &cause);
        self.keeps(&format!("{fact:?}"), available, Box::pin(applied)).await;
    }
}

fn cause() -> Cause {
    Cause::new("cor_1", "evt_1", AT)
}

#[tokio::test]
async fn a_sale_and_an_announcement_keep_what_they_do_not_know() {
    let shop = Shop::open().await;
    shop.keeps("the announcement", "8", Box::pin(announce(&shop.store, &shop.order, &cause()))).await;
    shop.hears(&Fact::Confirmed, "8").await;
    let line = &shop.item("reservations", shop.order.as_str())["lines"]["L"][0]["M"];
    assert!(line["addedLater"].is_object(), "{line}");
}

#[tokio::test]
async fn a_release_and_an_expiry_keep_what_they_do_not_know() {
    let shop = Shop::open().await;
    shop.hears(&Fact::Cancelled, "10").await;
    let shop = Shop::open().await;
    let expired = sweep(&shop.store, &shop.order, AT + HOUR, AT + HOUR);
    shop.keeps("the expiry", "10", Box::pin(expired)).await;
}

#[tokio::test]
async fn an_adjustment_keeps_what_it_does_not_know_of_the_stock() {
    let shop = Shop::open().await;
    let before = shop.item("stock", "MUG");
    shop.stock(-3).await;
    shop.tables.keeps("stock", "MUG", &before, "the adjustment");
    assert_eq!(shop.item("stock", "MUG")["available"]["N"], json!("5"));
}
