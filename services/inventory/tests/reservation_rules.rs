//! The reservation's rules: a table, every race, and the property that stock is conserved whatever comes.

use std::collections::BTreeMap;

use inventory::domain::ids::{OrderId, Sku};
use inventory::domain::reservation::{
    Contradiction, Event, Fact, Line, MAX_MOVES, Movement, Reservation, State, Step, next,
};
use inventory::domain::stock::{Level, MAX_PIECES, Refused};
use jiff::Timestamp;
use proptest::prelude::*;

/// Stock and reservations with the semantics of the tables: a step is applied whole or not at all.
#[derive(Clone, Default)]
struct World {
    stock: BTreeMap<Sku, Level>,
    reservations: BTreeMap<OrderId, Reservation>,
    sold: u64,
    said: Vec<(OrderId, Event)>,
}

impl World {
    fn stocked(levels: &[(&str, u64)]) -> Self {
        let level = |(sku, available): &(&str, u64)| (Sku::trusted(sku), Level { available: *available, reserved: 0 });
        Self { stock: levels.iter().map(level).collect(), ..Self::default() }
    }

    fn next(&self, order: &OrderId, fact: &Fact) -> Result<Option<Step>, Contradiction> {
        next(order, self.reservations.get(order), fact, &self.stock)
    }

    /// The transaction; false if a condition does not hold.
    fn commit(&mut self, step: Step) -> bool {
        let mut stock = self.stock.clone();
        for line in &step.moved {
            let Some(level) = stock.get_mut(&line.sku) else { return false };
            let pieces = u64::from(line.quantity);
            let (from, to) = match step.movement {
                Movement::Hold => (&mut level.available, Some(&mut level.reserved)),
                Movement::GiveBack => (&mut level.reserved, Some(&mut level.available)),
                Movement::Sell => (&mut level.reserved, None),
            };
            let Some(left) = from.checked_sub(pieces) else { return false };
            *from = left;
            match to {
                Some(to) => *to += pieces,
                None => self.sold += pieces,
            }
        }
        self.stock = stock;
        self.said.extend(step.event.map(|event| (step.reservation.order.clone(), event)));
        self.reservations.insert(step.reservation.order.clone(), step.reservation);
        true
    }

    fn apply(&mut self, order: &OrderId, fact: &Fact) -> Result<(), Contradiction> {
        while let Some(step) = self.next(order, fact)? {
            assert!(self.commit(step), "nobody else writes here");
        }
        Ok(())
    }

    fn pieces(&self) -> u64 {
        self.stock.values().map(|level| level.on_hand()).sum::<u64>() + self.sold
    }

    fn level(&self, sku: &str) -> (u64, u64) {
        let level = self.stock[&Sku::trusted(sku)];
        (level.available, level.reserved)
    }

    fn state(&self, order: &OrderId) -> &State {
        &self.reservations[order].state
    }
}

fn order(name: &str) -> OrderId {
    OrderId::trusted(name)
}

fn created(lines: &[(&str, u32)]) -> Fact {
    let line = |(sku, quantity): &(&str, u32)| Line { sku: Sku::trusted(sku), quantity: *quantity };
    Fact::Created { lines: lines.iter().map(line).collect(), expires_at: Timestamp::UNIX_EPOCH }
}

#[test]
fn all_lines_are_held_or_none() {
    let mut world = World::stocked(&[("mug", 5), ("tea", 1)]);
    world.apply(&order("a"), &created(&[("mug", 2), ("tea", 2)])).unwrap();
    assert_eq!((world.level("mug"), world.level("tea")), ((5, 0), (1, 0)));
    world.apply(&order("b"), &created(&[("mug", 2), ("tea", 1)])).unwrap();
    assert_eq!((world.level("mug"), world.level("tea")), ((3, 2), (0, 1)));
    assert_eq!([world.state(&order("a")), world.state(&order("b"))], [&State::Rejected, &State::Reserved]);
}

#[test]
fn a_rejection_names_what_is_missing_and_what_there_was() {
    let mut world = World::stocked(&[("mug", 5)]);
    world.apply(&order("a"), &created(&[("mug", 6), ("ghost", 1)])).unwrap();
    let (_, Event::Rejected(missing)) = &world.said[0] else { panic!("{:?}", world.said) };
    let missing: Vec<_> = missing.iter().map(|it| (it.sku.as_str(), it.requested, it.available)).collect();
    assert_eq!(missing, [("mug", 6, Some(5)), ("ghost", 1, None)]);
}

#[test]
fn a_confirmed_order_takes_its_pieces_out_of_the_warehouse_once() {
    let mut world = World::stocked(&[("mug", 5)]);
    world.apply(&order("a"), &created(&[("mug", 2)])).unwrap();
    for _ in 0..2 {
        world.apply(&order("a"), &Fact::Confirmed).unwrap();
    }
    assert_eq!((world.level("mug"), world.sold), ((3, 0), 2));
    assert_eq!(world.said.iter().filter(|(_, event)| *event == Event::Committed).count(), 1);
}

#[test]
fn a_second_release_gives_nothing_back_again() {
    let mut world = World::stocked(&[("mug", 5)]);
    world.apply(&order("a"), &created(&[("mug", 2)])).unwrap();
    for _ in 0..2 {
        world.apply(&order("a"), &Fact::Cancelled).unwrap();
    }
    assert_eq!(world.level("mug"), (5, 0));
    assert_eq!(world.said.iter().filter(|(_, event)| *event == Event::Released).count(), 1);
}

#[test]
fn race_cancel_reaches_inventory_before_order_created() {
    let mut world = World::stocked(&[("mug", 5)]);
    world.apply(&order("a"), &Fact::Cancelled).unwrap();
    world.apply(&order("a"), &created(&[("mug", 2)])).unwrap();
    assert_eq!((world.level("mug"), world.state(&order("a"))), ((5, 0), &State::Released));
    assert_eq!(world.said, [(order("a"), Event::NeverReserved)]);
}

#[test]
fn race_two_orders_for_the_last_unit() {
    let mut world = World::stocked(&[("mug", 1)]);
    let wanted = created(&[("mug", 1)]);
    let first = world.next(&order("a"), &wanted).unwrap().unwrap();
    let second = world.next(&order("b"), &wanted).unwrap().unwrap();
    assert!(world.commit(first));
    assert!(!world.commit(second), "the condition, not what was read, decides");
    world.apply(&order("b"), &wanted).unwrap();
    assert_eq!((world.level("mug"), world.state(&order("b"))), ((0, 1), &State::Rejected));
}

#[test]
fn what_cannot_be_true_changes_nothing() {
    let mut world = World::stocked(&[("mug", 5)]);
    assert_eq!(world.apply(&order("a"), &Fact::Confirmed), Err(Contradiction::ConfirmedWithoutHold));
    world.apply(&order("a"), &created(&[("mug", 2)])).unwrap();
    world.apply(&order("a"), &Fact::Confirmed).unwrap();
    assert_eq!(world.apply(&order("a"), &Fact::Cancelled), Err(Contradiction::CancelledAfterCommit));
    assert_eq!((world.level("mug"), world.sold), ((3, 0), 2));
}

/// A hundred skus with one piece each, and an order for all of them.
fn hundred() -> (World, Fact) {
    let skus: Vec<String> = (0..100).map(|n| format!("sku-{n:03}")).collect();
    let stock: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let lines: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    (World::stocked(&stock), created(&lines))
}

#[test]
fn an_order_of_a_hundred_lines_fits_its_transactions_and_says_reserved_once() {
    let (mut world, wanted) = hundred();
    let first = world.next(&order("a"), &wanted).unwrap().unwrap();
    assert_eq!((first.moved.len(), &first.event), (MAX_MOVES, &None));
    world.commit(first);
    world.apply(&order("a"), &wanted).unwrap();
    assert_eq!(world.said, [(order("a"), Event::Reserved)]);
    world.apply(&order("a"), &Fact::Confirmed).unwrap();
    assert_eq!(world.sold, 100);
}

#[test]
fn an_interrupted_hold_is_taken_up_given_back_or_rejected_as_a_whole() {
    for (fact, last, end) in
        [(Fact::Cancelled, 1, State::Released), (hundred().1, 0, State::Rejected), (hundred().1, 1, State::Reserved)]
    {
        let (mut world, wanted) = hundred();
        let first = world.next(&order("a"), &wanted).unwrap().unwrap();
        world.commit(first);
        world.stock.insert(Sku::trusted("sku-099"), Level { available: last, reserved: 0 });
        world.apply(&order("a"), &fact).unwrap();
        assert_eq!(world.state(&order("a")), &end);
        let reserved: u64 = world.stock.values().map(|level| level.reserved).sum();
        assert_eq!(reserved, if end == State::Reserved { 100 } else { 0 });
    }
}

#[test]
fn an_operator_cannot_take_what_is_held_nor_add_without_end() {
    let level = Level { available: 3, reserved: 2 };
    assert_eq!(level.adjusted(-3).unwrap().on_hand(), 2);
    assert_eq!(level.adjusted(-4), Err(Refused::NotAvailable { available: 3 }));
    assert_eq!(level.adjusted(i64::MAX), Err(Refused::TooMany));
    assert_eq!(Level::default().adjusted(i64::try_from(MAX_PIECES).unwrap()).unwrap().available, MAX_PIECES);
}

/// Facts about three orders as orders can make them true: none is both confirmed and cancelled.
fn facts() -> impl Strategy<Value = Vec<(OrderId, Fact)>> {
    let lines = proptest::collection::btree_map(proptest::sample::select(vec!["mug", "tea", "ghost"]), 1_u32..4, 1..3);
    let saga = (lines, any::<bool>());
    proptest::collection::vec(saga, 3).prop_flat_map(|sagas| {
        let mut facts = Vec::new();
        for (name, (lines, cancelled)) in ["a", "b", "c"].into_iter().zip(sagas) {
            let lines: Vec<_> = lines.into_iter().collect();
            let end = if cancelled { Fact::Cancelled } else { Fact::Confirmed };
            for fact in [created(&lines), end] {
                facts.extend([(order(name), fact.clone()), (order(name), fact)]);
            }
        }
        Just(facts).prop_shuffle()
    })
}

proptest! {
    #[test]
    fn whatever_order_and_duplication_pieces_are_neither_made_nor_lost(facts in facts()) {
        let mut world = World::stocked(&[("mug", 5), ("tea", 3)]);
        for (order, fact) in &facts {
            // A confirmation before its reservation cannot be true; it is parked and changes nothing.
            let before = world.clone();
            if world.apply(order, fact).is_err() {
                prop_assert_eq!(&world.stock, &before.stock);
            }
            prop_assert_eq!(world.pieces(), 8);
        }
        for (order, fact) in &facts {
            prop_assert!(*fact != Fact::Cancelled || matches!(world.state(order), State::Released | State::Rejected));
        }
        let held: u64 = world.reservations.values().filter(|it| it.state == State::Reserved)
            .flat_map(|it| &it.lines).map(|line| u64::from(line.quantity)).sum();
        prop_assert_eq!(held, world.stock.values().map(|level| level.reserved).sum::<u64>());
    }

    #[test]
    fn parallel_reservations_never_go_below_zero(quantities in proptest::collection::vec(1_u32..4, 2..12), turns in any::<u64>()) {
        let mut world = World::stocked(&[("mug", 10)]);
        let wanted: Vec<_> = quantities.iter().enumerate()
            .map(|(n, quantity)| (order(&n.to_string()), created(&[("mug", *quantity)]))).collect();
        // All have read before any has written; then they write, and decide again if they lost.
        let mut steps: Vec<_> = wanted.iter().map(|(order, fact)| world.next(order, fact).unwrap().unwrap()).collect();
        let length = steps.len();
        steps.rotate_left(usize::try_from(turns % length as u64).unwrap());
        for step in steps {
            world.commit(step);
        }
        for (order, fact) in &wanted {
            world.apply(order, fact).unwrap();
        }
        let (available, reserved) = world.level("mug");
        prop_assert_eq!(available + reserved, 10);
        prop_assert!(wanted.iter().all(|(order, _)| matches!(world.state(order), State::Reserved | State::Rejected)));
    }
}
