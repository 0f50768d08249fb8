//! The reservation's rules: their tables, the races, and the properties that hold whatever comes.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where")]

#[path = "reservation_rules/properties.rs"]
mod properties;
#[path = "reservation_rules/races.rs"]
mod races;
#[path = "reservation_rules/table.rs"]
mod table;
#[path = "reservation_rules/world.rs"]
mod world;

use inventory::domain::ids::Sku;
use inventory::domain::reservation::{Event, Fact, MAX_MOVES, ReleaseCause, State};
use world::{END, World, created, hundred, order};

#[test]
fn all_lines_are_held_or_none() {
    let mut world = World::stocked(&[("mug", 5), ("tea", 1)]);
    world.apply(&order("a"), &created(&[("mug", 2), ("tea", 2)])).unwrap();
    assert_eq!((world.level("mug"), world.level("tea")), ((5, 0), (1, 0)));
    world.apply(&order("b"), &created(&[("mug", 2), ("tea", 1)])).unwrap();
    assert_eq!((world.level("mug"), world.level("tea")), ((3, 2), (0, 1)));
    assert!(matches!(world.published(&order("a"))[..], [Event::Rejected(_)]));
    assert_eq!((world.state(&order("b")), world.published(&order("b"))), (&State::Reserved, vec![&Event::Reserved]));
}

#[test]
fn a_rejection_names_what_is_missing_and_what_there_was() {
    let mut world = World::stocked(&[("mug", 5)]);
    world.apply(&order("a"), &created(&[("mug", 6), ("ghost", 1)])).unwrap();
    let (_, Event::Rejected(missing)) = &world.published[0] else { panic!("{:?}", world.published) };
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
    assert_eq!((world.level("mug"), world.sold()), ((3, 0), 2));
    assert_eq!(world.published.iter().filter(|(_, event)| *event == Event::Committed).count(), 1);
}

#[test]
fn a_second_release_gives_nothing_back_again() {
    let mut world = World::stocked(&[("mug", 5)]);
    world.apply(&order("a"), &created(&[("mug", 2)])).unwrap();
    for _ in 0..2 {
        world.apply(&order("a"), &Fact::Cancelled).unwrap();
    }
    assert_eq!(world.level("mug"), (5, 0));
    assert_eq!(
        world.published.iter().filter(|(_, event)| *event == Event::Released(ReleaseCause::Cancelled)).count(),
        1
    );
}

#[test]
fn an_order_of_a_hundred_lines_fits_its_transactions_and_publishes_reserved_once() {
    let (mut world, creation) = hundred();
    let first = world.plan(&order("a"), &creation);
    assert_eq!((first.step.moved.len(), &first.step.event), (MAX_MOVES, &None));
    assert!(world.commit(first));
    world.apply(&order("a"), &creation).unwrap();
    assert_eq!(world.published, [(order("a"), Event::Reserved)]);
    world.apply(&order("a"), &Fact::Confirmed).unwrap();
    assert_eq!(world.sold(), 100);
}

#[test]
fn an_interrupted_hold_is_taken_up_given_back_or_rejected_as_a_whole() {
    for (fact, last, event) in [
        (Fact::Cancelled, 1, "Released(Cancelled)"),
        (Fact::Due(END), 1, "Released(Expired)"),
        (hundred().1, 0, "Rejected"),
        (hundred().1, 1, "Reserved"),
    ] {
        let (mut world, creation) = hundred();
        world.begin(&order("a"), &creation, 1).unwrap();
        world.stock.insert(Sku::trusted("sku-099"), last);
        world.apply(&order("a"), &fact).unwrap();
        assert!(
            format!("{:?}", world.published(&order("a"))).starts_with(&format!("[{event}")),
            "{:?}",
            world.published
        );
        assert_eq!(world.held(), if event == "Reserved" { 100 } else { 0 });
    }
}
