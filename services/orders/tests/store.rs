//! The item of an order, as it is stored: its form is pinned, and its bytes are counted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/drawn.rs"]
mod drawn;
#[path = "support/item.rs"]
mod item;
#[path = "support/pinned.rs"]
mod pinned;
#[path = "support/saga.rs"]
mod saga;

use aws_sdk_dynamodb::types::AttributeValue;
use chassis::cause::Cause;
use chassis::store::{Attributes, Revision};
use orders::domain::attention::{Attention, AttentionEntry, AttentionReason};
use orders::domain::order::Order;
use orders::domain::sweep::due;
use orders::inbound::events::HANDLED;
use orders::outbound::{AcceptedOrder, AppliedFact, OrderMetadata, OrderRecord, Write};
use proptest::prelude::*;
use saga::{SETTLE_WITHIN, Saga, at, id, store};

/// What is read of an item; none if it is outside the domain.
fn read(item: &Attributes) -> Option<AcceptedOrder> {
    Some(store().table().read::<AcceptedOrder>(item).ok()?.value)
}

/// The item that a write of the order puts.
fn written(held: AcceptedOrder) -> Attributes {
    let (store, id) = (store(), held.order.id.clone());
    let cause = Cause::new(String::new(), String::new(), at(0));
    let due = due(&held.order, SETTLE_WITHIN);
    let change = store.change(Write { order: held, events: Vec::new(), cause, due }, &Revision::default()).unwrap();
    store.table().put(id.as_str(), &change, &Revision::default()).unwrap().0.item
}

/// The item as a later version may write it: with one more word in each of its texts.
fn grown(mut item: Attributes) -> Attributes {
    let more = |text: &str| AttributeValue::S(format!("{text} more"));
    for name in ["inventory", "payment", "decision"] {
        if let Some(text) = item.get_mut(name) {
            *text = more(text.as_s().unwrap());
        }
    }
    for name in ["lines", "history"] {
        let texts = item[name].as_l().unwrap().iter().map(|text| more(text.as_s().unwrap())).collect();
        item.insert(name.to_owned(), AttributeValue::L(texts));
    }
    item
}

/// A write costs a unit for each kilobyte that its item has begun.
#[test]
fn every_write_of_a_paid_order_costs_one_unit() {
    for (lines, expected) in [(1, [785, 460, 931, 949]), (3, [953, 500, 971, 989])] {
        let sizes: Vec<usize> = Saga::paid(lines).items.iter().map(item::size).collect();
        assert_eq!(sizes, expected, "{lines} lines");
        assert!(sizes.iter().all(|size| *size < 1_024));
    }
}

#[test]
fn the_index_of_due_orders_is_written_once_and_cleared_once() {
    let due = |item: &Attributes| item.get("dueAt").map(|at| at.as_n().unwrap().clone());
    let first = Some((at(0) + SETTLE_WITHIN).as_second().to_string());
    let entries: Vec<_> = Saga::paid(1).items.iter().map(due).collect();
    assert_eq!(entries, [first.clone(), first.clone(), first, None]);
}

/// Stored forms stay: a later version must read what an earlier one wrote.
#[test]
fn the_form_of_a_paid_order_is_pinned() {
    assert_eq!(pinned::lines(&Saga::paid(1).items.pop().unwrap()), pinned::PAID);
}

#[test]
fn the_form_of_a_cancelled_order_with_a_refund_is_pinned() {
    assert_eq!(pinned::lines(&Saga::cancelled().items.pop().unwrap()), pinned::CANCELLED);
}

proptest! {
    #[test]
    fn a_whole_order_comes_back_also_when_its_texts_have_grown(held in drawn::accepted_order()) {
        let item = written(held.clone());
        prop_assert_eq!(read(&item), Some(held.clone()));
        prop_assert_eq!(read(&grown(item)), Some(held));
    }
}

/// Older versions could not read its reason among the others.
#[test]
fn the_entry_that_stands_for_others_lies_beside_them_and_comes_back_in_its_place() {
    let Saga { order, metadata, .. } = Saga::place(1);
    let entry = |number, reason| AttentionEntry { number, reason, since: at(9), resolution: None };
    let entries = [entry(1, AttentionReason::RefundFailed), entry(2, AttentionReason::MoreNotProcessed)];
    let entries = [&entries[..], &[entry(3, AttentionReason::MoneyOverdue)]].concat();
    let held = AcceptedOrder { order: Order { attention: Attention { raised: 3, entries }, ..order }, metadata };
    let item = written(held.clone());
    assert_eq!(item["attention"].as_m().unwrap()["flags"].as_l().unwrap().len(), 2);
    assert_eq!(read(&item), Some(held));
}

#[test]
fn a_fact_of_a_type_that_this_version_does_not_know_is_kept() {
    let mut item = Saga::paid(1).items.pop().unwrap();
    let texts = ["OrderCreated.v1 0", "ShipmentSent.v1 7 HwyPTmoNW16KQ09d5_CpAQ oms.shipping", "OrderShipped.v1 8"];
    let texts = texts.map(|text| AttributeValue::S(text.to_owned())).to_vec();
    item.insert("history".to_owned(), AttributeValue::L(texts));
    let held = read(&item).unwrap();
    let second = |fact: &AppliedFact| fact.at.duration_since(at(0)).as_secs();
    let facts = held.metadata.history.iter().map(|it| (it.event_type.as_str(), second(it), it.source.as_str()));
    let known = [
        ("OrderCreated.v1", 0, "oms.orders"),
        ("ShipmentSent.v1", 7, "oms.shipping"),
        ("OrderShipped.v1", 8, "oms.orders"),
    ];
    assert!(facts.eq(known), "{held:?}");
    assert_eq!(held.metadata.history[1].event_id, id("evt_", 1));
    assert_eq!(held.metadata.history[2].event_id, contracts::event_id("oms.orders", held.order.id.as_str(), 2));
    assert_eq!(read(&written(held.clone())), Some(held), "the next write keeps them");
}

#[test]
fn a_text_that_no_version_writes_is_refused() {
    let item = Saga::paid(1).items.pop().unwrap();
    let one = |text: &str| AttributeValue::S(text.to_owned());
    let list = |text: &str| AttributeValue::L(vec![one(text)]);
    for (name, texts) in [
        ("lines", vec!["", "MUG", "MUG 2", "MUG 0 5", "MUG two 5", "MUG 2 5x", "-MUG 2 5"]),
        ("history", vec!["", "OrderCreated.v1", "OrderCreated.v1 soon", "InventoryReserved.v1 1"]),
        ("history", vec!["InventoryReserved.v1 1 HwyPTmoNW16K", "ShipmentSent.v1 1 x oms.shipping"]),
        ("inventory", vec!["", "SOLD", "reserved", "RESERVED", "RESERVED rsv_1 5", "COMMITTED"]),
        ("payment", vec!["", "PAID", "VOIDED", "SUCCEEDED pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a901 once"]),
        ("decision", vec!["", "OPEN", "CONFIRMED", "CANCELLED 1", "CANCELLED 1 WHIM", "CANCELLED CUSTOMER 1"]),
        ("decision", vec!["CONFIRMED 170141183460469231731687303715"]),
    ] {
        for text in texts {
            let value = if name == "lines" || name == "history" { list(text) } else { one(text) };
            let mut item = item.clone();
            item.insert(name.to_owned(), value);
            assert_eq!(read(&item), None, "{name}: {text:?}");
        }
    }
}

#[test]
fn a_fact_of_every_type_comes_back_with_its_id_and_its_source() {
    let entries = contracts::catalogue::all();
    let uuid = "evt_0190f5c4-7a81-7b1f-8f3c-2d4e6a8b0c1d";
    for event_type in HANDLED {
        let source = entries.iter().find(|entry| entry.event_type == event_type).unwrap().source;
        for id in [uuid, "EVT 1", "evt_1", "=", &uuid.replace('d', "D")] {
            let (event_id, event_type, source) = (id.to_owned(), event_type.to_owned(), source.to_owned());
            let history = vec![AppliedFact { event_id, event_type, source, at: at(7) }];
            let Saga { order, metadata, .. } = Saga::place(1);
            let metadata = OrderMetadata { history, ..metadata };
            assert_eq!(OrderRecord::new(&order, &metadata).metadata().unwrap(), metadata);
        }
    }
}
