//! What a newer version has written into a payment's item survives every write of this one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use payments::application::announce::announce;
use payments::application::apply_event::apply_event;
use payments::application::refund::refund;
use payments::application::sweep::sweep;
use payments::application::{App, Gateway, Misconfigured, PaymentStore};
use payments::domain::gateway::{Call, GatewayAnswer as Answer};
use payments::domain::payment::{Fact, Payment};
use payments::outbound::Store;
use support::{cause, declined, held, intent, later, order, ordered, policy, request, silent};
use testkit::Tables;

/// A gateway that gives these answers; then it does what it is asked.
#[derive(Debug, Clone, Default)]
struct Answers(Arc<Mutex<VecDeque<Answer>>>);

impl Gateway for Answers {
    async fn call(&self, call: &Call, _: &Payment) -> Result<Answer, Misconfigured> {
        let well = match call {
            Call::Create { .. } => Answer::Open(intent()),
            Call::Confirm { .. } | Call::Ask { .. } => Answer::Charged,
            Call::Cancel => Answer::Canceled,
            Call::Refund { .. } | Call::AskRefund { .. } => Answer::Refunded,
        };
        let is_create = matches!(call, Call::Create { .. });
        let next = || self.0.lock().unwrap().pop_front();
        Ok(if is_create { well } else { next().unwrap_or(well) })
    }
}

/// Payments on a table in memory, at some time.
struct Shop {
    tables: Tables,
    store: Store,
    gateway: Answers,
}

impl Shop {
    /// An order is known, and a newer version has written its payment.
    async fn open(answers: impl IntoIterator<Item = Answer>) -> Self {
        let (tables, aws) = Tables::open(&[]).await;
        let gateway = Answers(Arc::new(Mutex::new(answers.into_iter().collect())));
        let shop = Self { tables, store: Store::new(&aws, "payments".to_owned()), gateway };
        apply_event(&shop.app(0), &order(), ordered(), &cause()).await.unwrap();
        shop.tables.grow("payments", order().as_str());
        shop
    }

    fn app(&self, second: i64) -> App<Store, Answers, impl Fn() -> Timestamp + use<>> {
        let (payments, gateway) = (self.store.clone(), self.gateway.clone());
        App { payments, gateway, clock: move || later(second), policy: policy(), look_ahead: None }
    }

    /// What some work leaves of what is unknown.
    async fn keeps<T>(&self, what: &str, work: impl Future<Output = T>) {
        let before = self.tables.item("payments", order().as_str());
        drop(work.await);
        assert_ne!(self.tables.item("payments", order().as_str())["version"], before["version"], "{what}");
        self.tables.keeps("payments", order().as_str(), &before, what);
    }

    async fn hears(&self, fact: Fact, second: i64) {
        let (what, app) = (format!("{fact:?}"), self.app(second));
        self.keeps(&what, Box::pin(apply_event(&app, &order(), fact, &cause()))).await;
    }

    async fn refunds(&self, key: &str, amount: u64) {
        let (app, read) = (self.app(60), self.store.load(&order()).await.unwrap());
        self.keeps("a refund", Box::pin(refund(&app, read, &request(key, amount), &cause()))).await;
    }
}

#[tokio::test]
async fn a_charge_and_its_refunds_keep_what_they_do_not_know() {
    let shop = Shop::open([silent("timeout")]).await;
    shop.hears(held(), 0).await;
    shop.hears(held(), 30).await;
    let read = shop.store.load(&order()).await.unwrap();
    shop.keeps("the announcement", Box::pin(announce(&shop.store, read, &cause()))).await;
    shop.refunds("one", 100).await;
    shop.gateway.0.lock().unwrap().push_back(declined("charge_disputed"));
    shop.refunds("two", 200).await;
    let app = shop.app(100_000);
    shop.keeps("the sweep", Box::pin(sweep(&app, &order()))).await;
    shop.hears(Fact::Cancelled, 100_090).await;
    let item = shop.tables.item("payments", order().as_str());
    for (list, count) in [("attempts", 1), ("refunds", 3)] {
        let elements = item[list]["L"].as_array().unwrap();
        assert_eq!(elements.len(), count, "{item}");
        assert!(elements.iter().all(|element| element["M"]["addedLater"].is_object()), "{item}");
    }
    assert!(item["terms"]["M"]["addedLater"].is_object() && item["stage"]["M"]["addedLater"].is_object(), "{item}");
}

#[tokio::test]
async fn a_void_and_a_decline_keep_what_they_do_not_know() {
    let shop = Shop::open([]).await;
    shop.hears(Fact::Cancelled, 0).await;
    let shop = Shop::open([declined("card_declined")]).await;
    shop.hears(held(), 0).await;
    let shop = Shop::open([]).await;
    shop.hears(Fact::Expired, 0).await;
}
