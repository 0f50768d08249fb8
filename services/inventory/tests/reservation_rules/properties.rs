//! Whatever comes, in whatever order, however often: no piece is made or lost, and every hold ends.

use inventory::domain::ids::OrderId;
use inventory::domain::reservation::{Contradiction, Event, Fact, State, due};
use jiff::Timestamp;
use proptest::prelude::*;

use super::world::{BEFORE, END, World, created, order};

/// Facts about three orders as orders and time can make them true, each with the steps that are taken before the
/// process dies. No order is both confirmed and cancelled.
fn facts() -> impl Strategy<Value = Vec<(OrderId, Fact, usize)>> {
    let lines = proptest::collection::btree_map(proptest::sample::select(vec!["mug", "tea", "ghost"]), 1_u32..4, 1..3);
    let saga = (lines, any::<bool>(), any::<bool>());
    let facts = proptest::collection::vec(saga, 3).prop_flat_map(|sagas| {
        let mut facts = Vec::new();
        for (name, (lines, cancelled, expires)) in ["a", "b", "c"].into_iter().zip(sagas) {
            let lines: Vec<_> = lines.into_iter().collect();
            let end = if cancelled { Fact::Cancelled } else { Fact::Confirmed };
            let time = Fact::Due(if expires { END } else { BEFORE });
            for fact in [created(&lines), end, time] {
                facts.extend([(order(name), fact.clone()), (order(name), fact)]);
            }
        }
        Just(facts).prop_shuffle()
    });
    let dies_after = proptest::collection::vec(prop_oneof![Just(usize::MAX), Just(0), Just(1)], 18);
    (facts, dies_after).prop_map(|(facts, dies)| facts.into_iter().zip(dies).map(|((o, f), d)| (o, f, d)).collect())
}

/// Either will do here: a fact that cannot be true changes nothing, as the first property shows.
fn parked_or_done(_: Result<(), Contradiction>) {}

/// Pieces that are reserved, whether their reservations are due or not.
fn holds(world: &World) -> u64 {
    let lines = world.reservations.values().flat_map(|it| &it.lines[..it.held()]);
    lines.map(|line| u64::from(line.quantity)).sum()
}

proptest! {
    #[test]
    fn pieces_are_neither_made_nor_lost_and_the_holds_are_what_is_reserved(facts in facts()) {
        let mut world = World::stocked(&[("mug", 5), ("tea", 3)]);
        for (order, fact, dies_after) in &facts {
            // A confirmation before its reservation cannot be true; it is parked and changes nothing.
            let before = world.clone();
            if world.begin(order, fact, *dies_after).is_err() {
                prop_assert_eq!(&world.stock, &before.stock);
            }
            prop_assert_eq!((world.pieces(), holds(&world)), (8, world.held()));
        }
    }

    #[test]
    fn in_the_end_nothing_is_held_and_every_order_has_one_end(facts in facts()) {
        let mut world = World::stocked(&[("mug", 5), ("tea", 3)]);
        for (order, fact, dies_after) in &facts {
            parked_or_done(world.begin(order, fact, *dies_after));
        }
        let orders: Vec<_> = world.reservations.keys().cloned().collect();
        for order in &orders {
            world.apply(order, &Fact::Due(Timestamp::MAX)).unwrap();
            let ends = world.published(order).into_iter().filter(|event| **event != Event::Reserved).count();
            prop_assert_eq!(ends, 1);
            prop_assert_eq!(due(&world.reservations[order]), None);
        }
        prop_assert_eq!(world.held(), 0);
        prop_assert_eq!(world.stock.values().sum::<u64>() + world.sold(), 8);
        let before = world.visible();
        for order in &orders {
            world.apply(order, &Fact::Due(Timestamp::MAX)).unwrap();
        }
        prop_assert!(world.visible() == before, "a second sweep changes nothing");
    }

    #[test]
    fn a_cancelled_order_holds_nothing_afterwards(facts in facts()) {
        let mut world = World::stocked(&[("mug", 5), ("tea", 3)]);
        for (order, fact, _) in &facts {
            parked_or_done(world.apply(order, fact));
            if *fact == Fact::Cancelled {
                prop_assert_eq!(world.reservations[order].held(), 0);
            }
        }
    }

    #[test]
    fn parallel_reservations_never_go_below_zero(quantities in proptest::collection::vec(1_u32..4, 2..12), turns in any::<u64>()) {
        let mut world = World::stocked(&[("mug", 10)]);
        let creations: Vec<_> = quantities.iter().enumerate()
            .map(|(n, quantity)| (order(&n.to_string()), created(&[("mug", *quantity)]))).collect();
        // All have read before any has written; then they write, and decide again if they lost.
        let mut plans: Vec<_> = creations.iter().map(|(order, fact)| world.plan(order, fact)).collect();
        let length = plans.len();
        plans.rotate_left(usize::try_from(turns % length as u64).unwrap());
        for plan in plans {
            world.commit(plan);
        }
        for (order, fact) in &creations {
            world.apply(order, fact).unwrap();
        }
        prop_assert_eq!(world.pieces(), 10);
        prop_assert!(creations.iter().all(|(order, _)| matches!(world.state(order), State::Reserved | State::Rejected(_))));
    }
}
