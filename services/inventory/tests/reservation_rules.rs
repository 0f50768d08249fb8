//! The reservation's rules: a table, every race, and the properties that hold whatever comes.

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
use inventory::domain::reservation::{Event, Fact, MAX_MOVES, Release, State};
use inventory::domain::stock::{Level, MAX_PIECES, Refused};
use world::{END, World, created, hundred, order};

#[test]
fn all_lines_are_held_or_none() {
    let mut world = World::stocked(&[("mug", 5), ("tea", 1)]);
    world.apply(&order("a"), &created(&[("mug", 2), ("tea", 2)])).unwrap();
    assert_eq!((world.level("mug"), world.level("tea")), ((5, 0), (1, 0)));
    world.apply(&order("b"), &created(&[("mug", 2), ("tea", 1)])).unwrap();
    assert_eq!((world.level("mug"), world.level("tea")), ((3, 2), (0, 1)));
    assert!(matches!(world.said(&order("a"))[..], [Event::Rejected(_)]));
    assert_eq!((world.state(&order("b")), world.said(&order("b"))), (&State::Reserved, vec![&Event::Reserved]));
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
    assert_eq!(world.said.iter().filter(|(_, event)| *event == Event::Released(Release::Cancelled)).count(), 1);
}

#[test]
fn an_order_of_a_hundred_lines_fits_its_transactions_and_says_reserved_once() {
    let (mut world, wanted) = hundred();
    let first = world.plan(&order("a"), &wanted);
    assert_eq!((first.step.moved.len(), &first.step.event), (MAX_MOVES, &None));
    assert!(world.commit(first));
    world.apply(&order("a"), &wanted).unwrap();
    assert_eq!(world.said, [(order("a"), Event::Reserved)]);
    world.apply(&order("a"), &Fact::Confirmed).unwrap();
    assert_eq!(world.sold, 100);
}

#[test]
fn an_interrupted_hold_is_taken_up_given_back_or_rejected_as_a_whole() {
    for (fact, last, said) in [
        (Fact::Cancelled, 1, "Released(Cancelled)"),
        (Fact::Due(END), 1, "Released(Expired)"),
        (hundred().1, 0, "Rejected"),
        (hundred().1, 1, "Reserved"),
    ] {
        let (mut world, wanted) = hundred();
        world.begin(&order("a"), &wanted, 1).unwrap();
        world.stock.insert(Sku::trusted("sku-099"), Level { available: last, reserved: 0 });
        world.apply(&order("a"), &fact).unwrap();
        assert!(format!("{:?}", world.said(&order("a"))).starts_with(&format!("[{said}")), "{:?}", world.said);
        assert_eq!(world.held(), if said == "Reserved" { 100 } else { 0 });
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
