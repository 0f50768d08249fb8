//! What a newer version has written into an order's item survives every write of this one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

use chassis::cause::Cause;
use chassis::consumer::Delivery;
use jiff::SignedDuration;
use orders::application::{CancelOrder, Orders, PlaceOrder};
use orders::domain::attention::Resolution;
use orders::domain::decision::CancelReason;
use orders::domain::ids::{IdempotencyKey, OrderId};
use orders::domain::order::Fact;
use orders::outbound::Store;
use serde_json::{Value, json};
use support::{AT, committed, customer, refund_failed, refunded, released, request, reserved, succeeded, unprocessed};
use testkit::{ACCOUNT, Tables, delivered};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Orders on a table in memory, and one order.
struct Shop {
    tables: Tables,
    orders: Orders,
    id: OrderId,
}

impl Shop {
    /// An order was placed, and a newer version has written it.
    async fn open() -> Self {
        let (tables, aws) = Tables::open(&["refunds"]).await;
        let orders = Orders::new(Store::new(&aws, "orders".to_owned(), "ignored".to_owned()), HOUR);
        let id = OrderId::derive(&customer(), &IdempotencyKey::new("key-1").unwrap());
        let request = request(&[("MUG-01", 2, 1_595), ("TEA", 1, 1_600)]);
        let (customer, fingerprint) = (customer(), "f".to_owned());
        let command = PlaceOrder { id: id.clone(), customer, request, fingerprint, pay_within: HOUR };
        orders.place(command, &cause("cmd_1")).await.unwrap();
        tables.grow("orders", id.as_str());
        Self { tables, orders, id }
    }

    fn item(&self) -> Value {
        self.tables.item("orders", self.id.as_str())
    }

    fn kept(&self, before: &Value, what: &str) {
        assert_ne!(self.item()["version"], before["version"], "{what} has written nothing");
        self.tables.keeps("orders", self.id.as_str(), before, what);
    }

    async fn hears(&self, fact: Fact, number: u32) {
        let before = self.item();
        let event = json!({ "id": format!("evt_{number}"), "type": "Fact.v1", "source": "oms.x", "subject": self.id.as_str(),
            "correlationid": "cor_1" });
        let delivery = Delivery::of(&delivered(&event), ACCOUNT, 1, AT).unwrap();
        self.orders.apply_event(&self.id, &fact, &delivery).await.unwrap();
        self.kept(&before, &format!("{fact:?}"));
    }

    async fn is_cancelled(&self) {
        let before = self.item();
        let command = CancelOrder { reason: CancelReason::Staff, note: None, version: None };
        self.orders.cancel(&self.id, &command, &cause("cmd_2")).await.unwrap();
        self.kept(&before, "the cancellation");
    }
}

fn cause(causation_id: &str) -> Cause {
    Cause::new("cor_1", causation_id, AT)
}

#[tokio::test]
async fn facts_of_others_and_announcements_keep_what_they_do_not_know() {
    let shop = Shop::open().await;
    for (number, fact) in (1..).zip([unprocessed("evt_7"), unprocessed("evt_8"), reserved(), succeeded(), committed()])
    {
        shop.hears(fact, number).await;
    }
    let before = shop.item();
    shop.orders.announce(&shop.id, &cause("cmd_3")).await.unwrap();
    shop.kept(&before, "the announcement");
    let item = shop.item();
    let first = &item["attention"]["M"]["flags"]["L"][0]["M"];
    assert!(item["addedLater"].is_object() && first["trouble"]["M"]["addedLater"].is_object(), "{item}");
    assert_eq!(item["lines"]["L"][1]["S"], "TEA 1 1600 added later");
    assert_eq!(item["history"]["L"][0]["S"], "OrderCreated.v1 0 added later");
}

#[tokio::test]
async fn the_requests_of_staff_and_the_sweep_keep_what_they_do_not_know() {
    let shop = Shop::open().await;
    shop.hears(succeeded(), 1).await;
    shop.hears(unprocessed("evt_7"), 2).await;
    shop.is_cancelled().await;
    shop.hears(refund_failed(), 3).await;
    let before = shop.item();
    assert!(shop.orders.sweep(&shop.id, AT + HOUR, AT + HOUR).await.unwrap());
    shop.kept(&before, "the sweep");
    let before = shop.item();
    let resolution = Resolution { at: AT, by: "sam".into(), note: "done".into() };
    shop.orders.resolve(&shop.id, 1, &resolution, &cause("cmd_4")).await.unwrap();
    shop.kept(&before, "the resolution");
    shop.hears(released(false), 4).await;
    shop.hears(refunded(100), 5).await;
    shop.hears(refunded(200), 6).await;
    let item = shop.item();
    assert!(item["returned"]["M"]["addedLater"].is_object(), "{item}");
}

/// What sat in an entry that is gone goes with it, and no other entry gets it.
#[tokio::test]
async fn an_entry_that_goes_takes_along_what_was_added_to_it() {
    let shop = Shop::open().await;
    shop.hears(refund_failed(), 1).await;
    shop.hears(unprocessed("evt_7"), 2).await;
    shop.hears(refunded(100), 3).await;
    let item = shop.item();
    let entries = item["attention"]["M"]["flags"]["L"].as_array().unwrap();
    assert_eq!((entries.len(), &entries[0]["M"]["number"]["N"]), (1, &json!("2")), "{item}");
}
