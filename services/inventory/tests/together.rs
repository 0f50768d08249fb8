//! Holds that share a transaction: each order gets the answer that it would get alone.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use chassis::aws::{AwsError, Kind};
use chassis::store::Attributes;
use futures::future::join_all;
use inventory::domain::ids::{OrderId, Sku};
use inventory::domain::reservation::Line;
use inventory::outbound::{Answer, Cancelled, Failed, Hold, Together};

/// Stock and reservations, with every transaction that was sent.
#[derive(Default)]
struct Fake {
    stock: RefCell<BTreeMap<Sku, u64>>,
    reserved: RefCell<BTreeSet<String>>,
    sent: RefCell<Vec<(usize, BTreeMap<Sku, u64>)>>,
    /// A sku whose item no write can change.
    broken: Option<Sku>,
    /// What each transaction that is under way writes.
    under_way: RefCell<Vec<BTreeSet<String>>>,
    /// How many were under way at once, at most.
    side_by_side: Cell<usize>,
    /// Answers that come before any other.
    first: RefCell<Vec<Answer>>,
}

fn item(available: u64) -> Attributes {
    Attributes::from([("available".to_owned(), AttributeValue::N(available.to_string()))])
}

impl Fake {
    fn stocked(stock: &[(&str, u64)]) -> Self {
        let stock = stock.iter().map(|(sku, pieces)| (Sku::trusted(sku), *pieces)).collect();
        Self { stock: RefCell::new(stock), ..Self::default() }
    }

    fn send(&self, orders: &[&String], pieces: &BTreeMap<Sku, u64>) -> Answer {
        self.sent.borrow_mut().push((orders.len(), pieces.clone()));
        if let Some(answer) = self.first.borrow_mut().pop() {
            return answer;
        }
        if self.broken.as_ref().is_some_and(|sku| pieces.contains_key(sku)) {
            return Ok(Err(invalid()));
        }
        let (mut stock, mut reserved) = (self.stock.borrow_mut(), self.reserved.borrow_mut());
        let known = orders.iter().enumerate().filter(|(_, order)| reserved.contains(**order));
        let mut failed: Failed = known.map(|(at, _)| (at, Some(item(0)))).collect();
        for (at, (sku, wanted)) in (orders.len()..).zip(pieces) {
            match stock.get(sku) {
                Some(there) if there >= wanted => {}
                there => drop(failed.insert(at, there.copied().map(item))),
            }
        }
        if !failed.is_empty() {
            return Ok(Err(Cancelled::Conditions(failed)));
        }
        reserved.extend(orders.iter().map(|order| (*order).clone()));
        for (sku, wanted) in pieces {
            stock.entry(sku.clone()).and_modify(|there| *there -= wanted);
        }
        Ok(Ok(()))
    }

    /// Two transactions that write the same item must not be under way at once.
    async fn send_and_wait(&self, orders: &[&String], pieces: &BTreeMap<Sku, u64>) -> Answer {
        let skus = pieces.keys().map(ToString::to_string);
        let written: BTreeSet<String> = orders.iter().map(|order| (*order).clone()).chain(skus).collect();
        let conflict = self.under_way.borrow().iter().any(|other| !other.is_disjoint(&written));
        assert!(!conflict, "{written:?} conflicts with {:?}", self.under_way.borrow());
        self.under_way.borrow_mut().push(written.clone());
        self.side_by_side.set(self.side_by_side.get().max(self.under_way.borrow().len()));
        tokio::task::yield_now().await;
        self.under_way.borrow_mut().retain(|other| *other != written);
        self.send(orders, pieces)
    }

    /// All ask in the same moment.
    async fn ask(&self, holds: &[(&str, &[(&str, u32)])]) -> Vec<Answer> {
        let together = Together::default();
        let send = async |orders: &[&String], pieces: &BTreeMap<Sku, u64>| self.send_and_wait(orders, pieces).await;
        let line = |(sku, quantity): &(&str, u32)| Line { sku: Sku::trusted(sku), quantity: *quantity };
        let hold = |(order, lines): &(&str, &[(&str, u32)])| Hold {
            order: OrderId::trusted(order),
            put: (*order).to_owned(),
            lines: lines.iter().map(line).collect(),
        };
        join_all(holds.iter().map(|asked| together.write(hold(asked), &send))).await
    }

    fn transactions(&self) -> Vec<(usize, u64)> {
        self.sent.borrow().iter().map(|(orders, pieces)| (*orders, pieces.values().sum())).collect()
    }
}

const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

fn invalid() -> Cancelled {
    Cancelled::Invalid(AwsError { kind: Kind::Invalid, message: "ValidationError".to_owned() })
}

/// What an order hears whose only line is short.
fn short(available: u64) -> Cancelled {
    Cancelled::Conditions(Failed::from([(1, Some(item(available)))]))
}

#[tokio::test]
async fn orders_for_one_sku_in_one_moment_are_one_transaction_with_one_update() {
    let fake = Fake::stocked(&[("mug", 20)]);
    let answers = fake.ask(&NAMES.map(|name| (name, &[("mug", 2)][..]))).await;
    assert_eq!(answers, vec![Ok(Ok(())); 10]);
    assert_eq!(fake.transactions(), [(10, 20)]);
}

#[tokio::test]
async fn the_last_pieces_go_to_as_many_as_they_last_for_and_the_others_are_refused_on_what_is_left() {
    let fake = Fake::stocked(&[("mug", 3)]);
    let answers = fake.ask(&NAMES.map(|name| (name, &[("mug", 1)][..]))).await;
    assert_eq!(answers[..3], vec![Ok(Ok(())); 3]);
    assert_eq!(answers[3..], vec![Ok(Err(short(0))); 7]);
    assert_eq!(fake.transactions(), [(10, 10), (3, 3), (7, 7)]);
    assert_eq!(fake.stock.borrow()[&Sku::trusted("mug")], 0);
}

#[tokio::test]
async fn a_greedy_order_is_refused_and_a_modest_one_behind_it_is_served() {
    let fake = Fake::stocked(&[("mug", 3)]);
    let answers = fake.ask(&[("a", &[("mug", 4)]), ("b", &[("mug", 1)]), ("c", &[("tea", 1), ("mug", 1)])]).await;
    let unknown = Ok(Err(Cancelled::Conditions(Failed::from([(1, None)]))));
    assert_eq!(answers, [Ok(Err(short(3))), Ok(Ok(())), unknown], "places are those of the order's own lines");
}

#[tokio::test]
async fn an_order_that_has_its_reservation_already_does_not_hold_up_the_others() {
    let fake = Fake::stocked(&[("mug", 9)]);
    fake.reserved.borrow_mut().insert("b".to_owned());
    let answers = fake.ask(&[("a", &[("mug", 1)]), ("b", &[("mug", 1)]), ("c", &[("mug", 1)])]).await;
    let exists = Ok(Err(Cancelled::Conditions(Failed::from([(0, Some(item(0)))]))));
    assert_eq!(answers, [Ok(Ok(())), exists, Ok(Ok(()))]);
    assert_eq!(fake.stock.borrow()[&Sku::trusted("mug")], 7);
}

#[tokio::test]
async fn orders_that_share_nothing_and_two_deliveries_of_one_order_are_transactions_of_their_own() {
    let fake = Fake::stocked(&[("mug", 9), ("tea", 9)]);
    let answers = fake.ask(&[("a", &[("mug", 1)]), ("b", &[("tea", 1)]), ("a", &[("mug", 1)])]).await;
    assert_eq!(fake.transactions().len(), 3);
    assert_eq!(answers.iter().filter(|answer| **answer == Ok(Ok(()))).count(), 2);
    assert_eq!(fake.stock.borrow()[&Sku::trusted("mug")], 8, "reserved once");
}

#[tokio::test]
async fn orders_that_only_another_order_ties_together_are_one_transaction() {
    let fake = Fake::stocked(&[("mug", 9), ("tea", 9), ("jam", 9)]);
    let answers = fake
        .ask(&[("a", &[("mug", 1)]), ("b", &[("tea", 1)]), ("c", &[("mug", 1), ("tea", 1)]), ("d", &[("jam", 1)])])
        .await;
    assert_eq!(answers, vec![Ok(Ok(())); 4]);
    let mut transactions = fake.transactions();
    transactions.sort_unstable();
    assert_eq!(transactions, [(1, 1), (3, 4)]);
}

#[tokio::test]
async fn transactions_that_share_a_sku_or_an_order_are_sent_one_after_another() {
    let skus: Vec<String> = (0..150).map(|n| format!("sku-{n}")).collect();
    let stock: Vec<(&str, u64)> = skus.iter().map(|sku| (sku.as_str(), 9)).collect();
    let fake = Fake::stocked(&stock);
    let lines = |from: usize| skus[from..from + 50].iter().map(|sku| (sku.as_str(), 1)).collect::<Vec<_>>();
    let (one, other, third) = (lines(0), lines(49), lines(100));
    fake.ask(&[("a", &one), ("b", &other), ("a", &third)]).await;
    assert_eq!((fake.transactions().len(), fake.side_by_side.get()), (3, 1), "each is tied to another");

    let fake = Fake::stocked(&[("mug", 9), ("tea", 9)]);
    fake.ask(&[("a", &[("mug", 1)]), ("b", &[("tea", 1)])]).await;
    assert_eq!(fake.side_by_side.get(), 2, "what shares nothing does not wait");
}

#[tokio::test]
async fn a_transaction_takes_no_more_than_a_hundred_items() {
    let skus: Vec<String> = (0..110).map(|n| format!("sku-{n}")).collect();
    let stock: Vec<(&str, u64)> = skus.iter().map(|sku| (sku.as_str(), 9)).collect();
    let fake = Fake::stocked(&stock);
    let lines = |from: usize| skus[from..from + 50].iter().map(|sku| (sku.as_str(), 1)).collect::<Vec<_>>();
    let (one, other, third) = (lines(0), lines(10), lines(59));
    let answers = fake.ask(&[("a", &one), ("b", &other), ("c", &third)]).await;
    assert_eq!(answers, vec![Ok(Ok(())); 3]);
    let items = fake.sent.borrow().iter().map(|(orders, pieces)| orders + pieces.len()).collect::<Vec<_>>();
    assert_eq!(items, [62, 51], "two orders of 60 skus, and one that would be too much, although it shares a sku");
}

#[tokio::test]
async fn others_who_write_are_waited_for_and_an_error_is_told_to_everybody() {
    let fake = Fake::stocked(&[("mug", 9)]);
    fake.first.borrow_mut().push(Ok(Err(Cancelled::Busy)));
    let answers = fake.ask(&[("a", &[("mug", 1)]), ("b", &[("mug", 1)])]).await;
    assert_eq!((answers, fake.transactions()), (vec![Ok(Ok(())); 2], vec![(2, 2), (2, 2)]));

    let away = AwsError { kind: Kind::Unreachable, message: "not now".to_owned() };
    fake.first.borrow_mut().push(Err(away.clone()));
    let answers = fake.ask(&[("c", &[("mug", 1)]), ("d", &[("mug", 1)])]).await;
    assert_eq!(answers, vec![Err(away); 2]);
}

#[tokio::test]
async fn an_order_whose_write_is_invalid_fails_alone() {
    let fake = Fake { broken: Some(Sku::trusted("bad")), ..Fake::stocked(&[("mug", 2), ("bad", 9)]) };
    let mug: &[(&str, u32)] = &[("mug", 1)];
    let both: &[(&str, u32)] = &[("mug", 1), ("bad", 1)];
    let answers = fake.ask(&[("a", mug), ("b", both), ("c", mug), ("d", mug)]).await;
    assert_eq!(answers, [Ok(Ok(())), Ok(Err(invalid())), Ok(Ok(())), Ok(Err(short(0)))]);
    assert_eq!(fake.stock.borrow()[&Sku::trusted("mug")], 0);
    assert_eq!(fake.transactions(), [(4, 5), (1, 1), (1, 2), (1, 1), (1, 1)], "each alone, once");
}

#[tokio::test]
async fn an_order_is_answered_as_soon_as_its_own_transaction_has_ended() {
    let skus: Vec<String> = (0..100).map(|n| format!("sku-{n}")).collect();
    let lines = |from: usize| -> Vec<Line> {
        skus[from..from + 51].iter().map(|sku| Line { sku: Sku::trusted(sku), quantity: 1 }).collect()
    };
    let stock: Vec<(&str, u64)> = skus.iter().map(|sku| (sku.as_str(), 9)).collect();
    let (fake, together) = (Fake::stocked(&stock), Together::default());
    let answered = RefCell::new(BTreeSet::new());
    let send = async |orders: &[&String], pieces: &BTreeMap<Sku, u64>| {
        if orders.contains(&&"late".to_owned()) {
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            assert_eq!(*answered.borrow(), BTreeSet::from(["first", "with the first"]));
        }
        fake.send(orders, pieces)
    };
    // The three share a sku, but there is no room for all in one transaction.
    let asked = [("first", lines(0)), ("late", lines(49)), ("with the first", lines(0))];
    join_all(asked.into_iter().map(async |(order, lines)| {
        let hold = Hold { order: OrderId::trusted(order), put: order.to_owned(), lines };
        assert_eq!(together.write(hold, &send).await, Ok(Ok(())));
        answered.borrow_mut().insert(order);
    }))
    .await;
    assert_eq!(fake.transactions(), [(2, 102), (1, 51)]);
}

#[tokio::test]
async fn who_waits_is_not_held_up_by_one_that_has_gone_away() {
    let (fake, together) = (Fake::stocked(&[("mug", 9)]), Together::default());
    let send = async |orders: &[&String], pieces: &BTreeMap<Sku, u64>| fake.send(orders, pieces);
    let ask = |order: &str| {
        let lines = vec![Line { sku: Sku::trusted("mug"), quantity: 1 }];
        together.write(Hold { order: OrderId::trusted(order), put: order.to_owned(), lines }, &send)
    };
    let mut gone = Box::pin(ask("gone"));
    assert!(futures::poll!(&mut gone).is_pending());
    drop(gone);
    assert_eq!(ask("here").await, Ok(Ok(())));
}

#[tokio::test]
async fn race_holds_of_one_moment_and_pieces_for_some_of_them() {
    let fake = Fake::stocked(&[("mug", 3), ("tea", 9)]);
    let asked: [(&str, &[(&str, u32)]); 4] =
        [("a", &[("mug", 2)]), ("b", &[("mug", 2), ("tea", 1)]), ("c", &[("mug", 1)]), ("d", &[("tea", 8)])];
    let answers = fake.ask(&asked).await;
    assert_eq!(
        answers,
        [Ok(Ok(())), Ok(Err(short(0))), Ok(Ok(())), Ok(Ok(()))],
        "b is told what it would be told alone"
    );
    assert_eq!(*fake.stock.borrow(), BTreeMap::from([(Sku::trusted("mug"), 0), (Sku::trusted("tea"), 1)]));
}

#[tokio::test]
async fn race_two_deliveries_of_one_order_in_one_moment() {
    let fake = Fake::stocked(&[("mug", 9)]);
    let mug: &[(&str, u32)] = &[("mug", 1)];
    let answers = fake.ask(&[("a", mug), ("a", mug), ("b", mug)]).await;
    let exists = Ok(Err(Cancelled::Conditions(Failed::from([(0, Some(item(0)))]))));
    assert_eq!(answers, [Ok(Ok(())), exists, Ok(Ok(()))], "the second meets the reservation of the first");
    assert_eq!(fake.transactions(), [(2, 2), (1, 1)], "no transaction has an item twice");
    assert_eq!(fake.stock.borrow()[&Sku::trusted("mug")], 7, "reserved once each");
}
