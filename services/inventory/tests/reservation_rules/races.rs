//! The races at inventory: the first write decides, and the invocation that loses decides again.

use inventory::domain::ids::Sku;
use inventory::domain::reservation::{Contradiction, Event, Fact, MAX_MOVES, ReleaseCause, State};
use jiff::Timestamp;

use super::world::{BEFORE, END, World, created, hundred, order};

const EXPIRED: State = State::Released(ReleaseCause::Expired);

#[test]
fn race_cancel_reaches_inventory_before_order_created() {
    let mut world = World::stocked(&[("mug", 5)]);
    world.apply(&order("a"), &Fact::Cancelled).unwrap();
    world.apply(&order("a"), &created(&[("mug", 2)])).unwrap();
    assert_eq!(world.level("mug"), (5, 0));
    assert_eq!(world.state(&order("a")), &State::Released(ReleaseCause::NeverReserved));
    assert_eq!(world.published(&order("a")), [&Event::Released(ReleaseCause::NeverReserved)]);
}

#[test]
fn race_inventory_reserved_after_cancel() {
    let creation = created(&[("mug", 2)]);
    for hold_is_first in [true, false] {
        let mut world = World::stocked(&[("mug", 5)]);
        let hold = world.plan(&order("a"), &creation);
        let cancel = world.plan(&order("a"), &Fact::Cancelled);
        let (first, second) = if hold_is_first { (hold, cancel) } else { (cancel, hold) };
        assert!(world.commit(first));
        assert!(!world.commit(second), "it was decided on what is not there any more");
        world.apply(&order("a"), &creation).unwrap();
        world.apply(&order("a"), &Fact::Cancelled).unwrap();
        assert_eq!(world.level("mug"), (5, 0));
        let last = if hold_is_first { ReleaseCause::Cancelled } else { ReleaseCause::NeverReserved };
        assert_eq!(world.published(&order("a")).last(), Some(&&Event::Released(last)));
    }
}

#[test]
fn race_two_orders_for_the_last_unit() {
    let mut world = World::stocked(&[("mug", 1)]);
    let creation = created(&[("mug", 1)]);
    let (first, second) = (world.plan(&order("a"), &creation), world.plan(&order("b"), &creation));
    assert!(world.commit(first));
    assert!(!world.commit(second), "the condition, not what was read, decides");
    world.apply(&order("b"), &creation).unwrap();
    assert_eq!(world.level("mug"), (0, 1));
    assert!(matches!(world.published(&order("b"))[..], [Event::Rejected(_)]));
}

#[test]
fn race_reservation_expires_while_charging() {
    let mut world = World::stocked(&[("mug", 2)]);
    world.apply(&order("a"), &created(&[("mug", 2)])).unwrap();
    world.apply(&order("a"), &Fact::Due(BEFORE)).unwrap();
    assert_eq!((world.level("mug"), world.state(&order("a"))), ((0, 2), &State::Reserved));

    world.apply(&order("a"), &Fact::Due(END)).unwrap();
    assert_eq!((world.level("mug"), world.state(&order("a"))), ((2, 0), &EXPIRED));
    // Other orders may have the pieces now: the money came too late, and orders cancels because of the release.
    world.apply(&order("b"), &created(&[("mug", 2)])).unwrap();
    world.apply(&order("a"), &Fact::Cancelled).unwrap();
    assert_eq!(world.level("mug"), (0, 2));
    assert_eq!(world.published(&order("a")), [&Event::Reserved, &Event::Released(ReleaseCause::Expired)]);
}

#[test]
fn race_expiry_against_commit() {
    for commit_is_first in [true, false] {
        let mut world = World::stocked(&[("mug", 5)]);
        world.apply(&order("a"), &created(&[("mug", 2)])).unwrap();
        let commit = world.plan(&order("a"), &Fact::Confirmed);
        let expiry = world.plan(&order("a"), &Fact::Due(END));
        let (first, second) = if commit_is_first { (commit, expiry) } else { (expiry, commit) };
        assert!(world.commit(first));
        assert!(!world.commit(second), "there is one winner");
        // The loser decides again, and changes nothing.
        world.apply(&order("a"), &Fact::Confirmed).unwrap();
        world.apply(&order("a"), &Fact::Due(END)).unwrap();
        let (end, level, sold) = if commit_is_first { (State::Committed, (3, 0), 2) } else { (EXPIRED, (5, 0), 0) };
        assert_eq!((world.state(&order("a")), world.level("mug"), world.sold()), (&end, level, sold));
        assert_eq!(world.published(&order("a")).len(), 2, "reserved, and one end");
    }
}

#[test]
fn race_expiry_against_commit_of_an_order_in_two_transactions() {
    for (first, last, end, sold) in
        [(Fact::Confirmed, Fact::Due(END), State::Committed, 100), (Fact::Due(END), Fact::Confirmed, EXPIRED, 0)]
    {
        let (mut world, creation) = hundred();
        world.apply(&order("a"), &creation).unwrap();
        // The first writes one step and dies. A sale has no other; the other fact takes up a release that was begun.
        world.begin(&order("a"), &first, 1).unwrap();
        assert_eq!((world.held(), world.sold()), if sold > 0 { (0, sold) } else { (1, 0) });
        world.apply(&order("a"), &last).unwrap();
        assert_eq!((world.state(&order("a")), world.held(), world.sold()), (&end, 0, sold));
        assert_eq!(world.pieces(), 100);
    }
}

#[test]
fn race_expiry_against_cancel() {
    for (first, second, why) in [
        (Fact::Cancelled, Fact::Due(END), ReleaseCause::Cancelled),
        (Fact::Due(END), Fact::Cancelled, ReleaseCause::Expired),
    ] {
        let mut world = World::stocked(&[("mug", 5)]);
        world.apply(&order("a"), &created(&[("mug", 2)])).unwrap();
        let (winner, loser) = (world.plan(&order("a"), &first), world.plan(&order("a"), &second));
        assert!(world.commit(winner) && !world.commit(loser));
        world.apply(&order("a"), &second).unwrap();
        assert_eq!(world.level("mug"), (5, 0), "given back once");
        assert_eq!(world.published(&order("a")), [&Event::Reserved, &Event::Released(why)]);
    }
}

#[test]
fn race_redrive_and_replay_change_nothing() {
    let creation = created(&[("mug", 2), ("tea", 1)]);
    let late = Fact::Due(Timestamp::MAX);
    let lives: [&[Fact]; 6] = [
        &[creation.clone(), Fact::Confirmed],
        &[creation.clone(), Fact::Cancelled],
        &[Fact::Cancelled, creation.clone()],
        &[creation.clone(), late.clone(), Fact::Cancelled],
        &[creation.clone(), late.clone(), Fact::Confirmed, Fact::Cancelled],
        &[created(&[("mug", 9)]), Fact::Cancelled],
    ];
    for life in lives {
        let mut world = World::stocked(&[("mug", 5), ("tea", 5)]);
        for fact in life {
            world.apply(&order("a"), fact).unwrap();
        }
        let (before, ended) = (world.visible(), world.state(&order("a")).clone());
        // The whole archive once more, each alone and all in their order; and the sweep comes again.
        for fact in life.iter().rev().chain(life).chain([&late]) {
            world.apply(&order("a"), fact).unwrap();
        }
        assert!(world.visible() == before, "{ended:?} was changed by a replay of {life:?}");
    }
}

#[test]
fn race_an_order_in_two_transactions_is_interrupted_at_every_step_and_then_due() {
    let (_, creation) = hundred();
    let lives: [&[Fact]; 4] = [
        std::slice::from_ref(&creation),
        &[creation.clone(), Fact::Confirmed],
        &[creation.clone(), Fact::Cancelled],
        &[creation.clone(), Fact::Due(END)],
    ];
    for (life, last_is_taken) in lives.iter().flat_map(|life| [(life, false), (life, true)]) {
        let mut dies_after = 0;
        loop {
            let (mut world, _) = hundred();
            let steps = live(&mut world, life, dies_after, last_is_taken);
            let (pieces, sold) = (world.pieces(), world.sold());
            world.apply(&order("a"), &Fact::Due(END)).unwrap();
            assert_eq!((world.held(), world.pieces()), (0, pieces), "{dies_after} of {life:?}");
            assert!([0, 100].contains(&sold) && world.sold() == sold, "a sale is one step, and final");
            let ends = world.published(&order("a")).iter().filter(|event| ***event != Event::Reserved).count();
            assert_eq!(ends, usize::from(steps > 0), "it ends once");
            assert!(world.next(&order("a"), &Fact::Due(Timestamp::MAX)).unwrap().is_none());
            if steps < dies_after {
                break;
            }
            dies_after += 1;
        }
        assert!(dies_after > 2, "a life of {dies_after} steps");
    }
}

/// Lives until the end, or for so many steps; returns how many were taken. What cannot be true is parked.
fn live(world: &mut World, life: &[Fact], dies_after: usize, last_is_taken: bool) -> usize {
    let mut steps = 0;
    for fact in life {
        while steps < dies_after {
            let Ok(Some(plan)) = world.next(&order("a"), fact) else { break };
            assert!(plan.step.moved.len() <= MAX_MOVES && world.commit(plan));
            steps += 1;
            if steps == 1 && last_is_taken {
                world.stock.insert(Sku::trusted("sku-099"), 0);
            }
        }
    }
    steps
}

#[test]
fn a_fact_that_cannot_be_true_changes_nothing() {
    let mut world = World::stocked(&[("mug", 5)]);
    assert_eq!(world.apply(&order("a"), &Fact::Confirmed), Err(Contradiction::ConfirmedWithoutHold));
    world.apply(&order("a"), &created(&[("mug", 2)])).unwrap();
    world.apply(&order("a"), &Fact::Confirmed).unwrap();
    assert_eq!(world.apply(&order("a"), &Fact::Cancelled), Err(Contradiction::CancelledAfterCommit));
    assert_eq!((world.level("mug"), world.sold()), ((3, 0), 2));
}
