//! The races that concern charges, each by its name, and every interleaving of live invocations that chance finds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

use payments::application::settle::Unsettled;
use payments::domain::decision::Worker;
use payments::domain::payment::{Event, Fact, Failure, Stage};
use payments::domain::refund::Reason;
use proptest::prelude::*;
use support::gateway::Mood;
use support::world::World;
use support::{TOTAL, held, ordered, owed, refunded, request};

/// The facts are known and the first attempt is at the gateway's door, in the invocation of message 1.
fn charging(more: impl IntoIterator<Item = Fact>, moods: &[Mood]) -> World {
    let mut world = World::new([ordered(), held()].into_iter().chain(more), moods.to_vec());
    world.run(0).unwrap();
    world.deliver(1);
    while !matches!(world.payment().stage, Stage::Charging { .. }) {
        assert!(world.go_on(0).is_none());
    }
    world
}

fn status(world: &World) -> &'static str {
    world.payment().status()
}

#[test]
fn race_cancel_while_the_charge_is_in_flight_and_the_cancel_wins() {
    let mut world = charging([Fact::Cancelled], &[]);
    let cancelled = world.run(2).unwrap();
    assert_eq!(cancelled.status(), "VOIDED");
    world.come_to_rest();
    world.is_consistent();
    assert_eq!((status(&world), world.shared.gateway.charges.get()), ("VOIDED", 0));
}

#[test]
fn race_cancel_while_the_charge_is_in_flight_and_the_charge_wins() {
    let mut world = charging([Fact::Cancelled], &[]);
    while world.shared.gateway.charges.get() == 0 {
        assert!(world.go_on(0).is_none());
    }
    let cancelled = world.run(2).unwrap();
    assert_eq!((cancelled.status(), cancelled.refunded()), ("SUCCEEDED", TOTAL), "and returns itself at once");
    world.come_to_rest();
    world.is_consistent();
    assert_eq!(world.published().last(), Some(&refunded(owed(), TOTAL, TOTAL, Reason::LateSuccess)));
}

#[test]
fn race_two_live_invocations_of_one_message_and_a_cancel_that_finds_nothing_to_refund() {
    // The race of the prototype that lost money: the second invocation has read before the cancel, and charges after.
    let mut world = World::new([ordered(), held(), Fact::Cancelled], []);
    world.run(0).unwrap();
    world.deliver(1);
    world.deliver(1);
    for _ in 0..3 {
        assert!(world.go_on(0).is_none());
        assert!(world.go_on(1).is_none());
    }
    assert_eq!(world.run(2).unwrap().status(), "VOIDED");
    world.come_to_rest();
    world.is_consistent();
    assert_eq!(world.shared.gateway.charges.get(), 0);
}

/// The hold's message is at the gateway's door: the intent is made, and neither it nor the hold is written.
fn created(more: impl IntoIterator<Item = Fact>) -> World {
    let mut world = World::new([ordered(), held()].into_iter().chain(more), []);
    world.run(0).unwrap();
    world.deliver(1);
    while world.shared.gateway.calls.get() == 0 {
        assert!(world.go_on(0).is_none());
    }
    assert_eq!(world.version(), 1, "only the terms are written");
    world
}

#[test]
fn race_cancel_between_the_creation_of_an_intent_and_its_write() {
    let mut world = created([Fact::Cancelled]);
    assert_eq!(world.run(2).unwrap().status(), "VOIDED");
    world.come_to_rest();
    world.is_consistent();
    assert_eq!((status(&world), world.shared.gateway.charges.get(), world.payment().intent), ("VOIDED", 0, None));
}

#[test]
fn race_the_hold_ends_between_the_creation_of_an_intent_and_its_write() {
    let mut world = created([Fact::Expired]);
    assert_eq!(world.run(2).unwrap().status(), "FAILED");
    world.come_to_rest();
    world.is_consistent();
    assert_eq!((world.shared.gateway.charges.get(), world.payment().intent), (0, None), "no charge starts");
}

#[test]
fn race_crash_after_the_creation_of_an_intent_and_before_its_write() {
    let mut world = created([]);
    world.kill(0);
    assert_eq!(world.run(1).unwrap().status(), "SUCCEEDED", "nothing waits for the dead invocation");
    world.is_consistent();
    assert_eq!((world.payment().attempted(), world.version()), (1, 3));
}

#[test]
fn race_two_live_invocations_create_and_one_of_them_writes() {
    let mut world = created([]);
    world.deliver(1);
    while world.shared.gateway.calls.get() == 1 {
        assert!(world.go_on(1).is_none());
    }
    world.come_to_rest();
    world.is_consistent();
    assert_eq!((status(&world), world.payment().attempted()), ("SUCCEEDED", 1));
}

#[test]
fn race_two_live_invocations_whose_creation_fails_count_no_attempt() {
    let mut world = World::new([ordered(), held()], [Mood::Refuses, Mood::Refuses]);
    world.run(0).unwrap();
    world.deliver(1);
    world.deliver(1);
    while world.alive() > 0 {
        drop(world.go_on(0));
    }
    assert_eq!((world.payment().attempted(), world.published().len(), world.version()), (0, 0, 2));
    world.come_to_rest();
    world.is_consistent();
    assert_eq!(status(&world), "SUCCEEDED");
}

#[test]
fn a_gateway_that_answers_429_for_ten_minutes_loses_no_order_whose_hold_lasts_fifteen() {
    // Its first answer to the create, or to the confirm, is 429.
    for well in [0, 1] {
        let moods = vec![Mood::Well; well].into_iter().chain(vec![Mood::Refuses; 20]);
        let mut world = World::new([ordered(), held()], moods);
        world.run(0).unwrap();
        for second in (0..600).step_by(30) {
            let refused = world.run(1);
            assert!(matches!(refused, Err(Unsettled::NotNow { wait: None, .. })), "at {second}: {refused:?}");
            world.shared.pass(30);
        }
        assert_eq!((status(&world), world.payment().attempted(), world.published().len()), ("PENDING", 0, 0));
        world.run(1).unwrap();
        assert_eq!((status(&world), world.payment().attempted()), ("SUCCEEDED", 1));
        world.is_consistent();
    }
}

#[test]
fn a_paid_order_costs_three_writes_and_one_read() {
    let mut world = World::new([ordered(), held()], []);
    world.run(0).unwrap();
    world.run(1).unwrap();
    assert_eq!((status(&world), world.version(), world.shared.reads.get()), ("SUCCEEDED", 3, 1));
}

#[test]
fn an_archive_that_is_replayed_onto_a_lost_table_charges_nobody_and_publishes_nothing() {
    let mut world = World::new([ordered(), held(), ordered(), held()], []);
    world.shared.pass(86_400);
    for message in 0..4 {
        world.run(message).unwrap();
    }
    assert_eq!((world.shared.gateway.calls.get(), world.published().len(), status(&world)), (0, 0, "PENDING"));
}

#[test]
fn race_inventory_reserved_after_cancel() {
    let mut world = World::new([ordered(), Fact::Cancelled, held()], []);
    for message in 0..3 {
        world.run(message).unwrap();
    }
    world.is_consistent();
    assert_eq!(
        (status(&world), world.shared.gateway.calls.get(), world.published()),
        ("VOIDED", 0, vec![Event::Voided])
    );
}

#[test]
fn race_cancel_reaches_payments_before_order_created() {
    let mut world = World::new([Fact::Cancelled, held(), ordered()], []);
    for message in 0..3 {
        world.run(message).unwrap();
    }
    world.is_consistent();
    assert_eq!((status(&world), world.shared.gateway.calls.get()), ("VOIDED", 0));
    assert!(world.payment().terms.is_some(), "support still learns whose payment it was");
}

#[test]
fn race_reservation_expires_while_charging_and_the_void_wins() {
    let mut world = charging([Fact::Expired], &[]);
    let ended = world.run(2).unwrap();
    assert!(matches!(ended.stage, Stage::Failed { category: Failure::ReservationGone, .. }));
    world.come_to_rest();
    world.is_consistent();
}

#[test]
fn race_reservation_expires_while_charging_and_the_charge_wins() {
    let mut world = charging([Fact::Expired], &[]);
    while world.shared.gateway.charges.get() == 0 {
        assert!(world.go_on(0).is_none());
    }
    assert_eq!(world.run(2).unwrap().status(), "SUCCEEDED");
    world.come_to_rest();
    world.is_consistent();
    assert_eq!(world.payment().owed(), 0, "whether it goes back is for orders to say, by cancelling");
}

#[test]
fn race_gateway_timeout_then_success() {
    let mut world = World::new([ordered(), held()], [Mood::Well, Mood::Mute]);
    world.run(0).unwrap();
    let Unsettled::NotYet { wait, .. } = world.run(1).unwrap_err() else { panic!("acknowledged or parked") };
    assert_eq!(world.payment().status(), "UNKNOWN");
    world.shared.pass(i64::try_from(wait.as_secs()).unwrap());
    assert_eq!(world.run(1).unwrap().status(), "SUCCEEDED");
    assert_eq!((world.shared.gateway.charges.get(), world.shared.gateway.calls.get()), (1, 3), "create, confirm, ask");
    world.is_consistent();
}

#[test]
fn race_decline_and_an_earlier_confirmation_that_arrives_late() {
    let mut world = World::new([ordered(), held()], [Mood::Well, Mood::Late, Mood::Well, Mood::Declines]);
    world.run(0).unwrap();
    assert!(matches!(world.run(1).unwrap_err(), Unsettled::NotYet { .. }));
    world.shared.pass(10);
    assert_eq!(world.run(1).unwrap().status(), "FAILED");
    world.shared.gateway.arrive_late();
    world.is_consistent();
    assert_eq!(world.shared.gateway.charges.get(), 0, "what failed for good stays uncharged");
}

#[test]
fn race_crash_after_the_attempt_was_written_and_before_its_outcome() {
    let mut world = charging([], &[]);
    world.kill(0);
    assert!(matches!(world.run(1).unwrap_err(), Unsettled::NotYet { .. }), "the dead invocation may be alive");
    world.come_to_rest();
    world.is_consistent();
    assert_eq!((status(&world), world.payment().attempted()), ("SUCCEEDED", 2));
}

#[test]
fn race_crash_after_the_charge_and_before_its_outcome_was_written() {
    let mut world = charging([], &[]);
    while world.shared.gateway.charges.get() == 0 {
        assert!(world.go_on(0).is_none());
    }
    world.kill(0);
    world.come_to_rest();
    world.is_consistent();
    assert_eq!((status(&world), world.payment().attempted()), ("SUCCEEDED", 1));
}

#[test]
fn race_redrive_of_what_was_already_processed_and_replay_of_the_whole_archive() {
    let histories: [&[_]; 3] = [&[], &[Fact::Cancelled], &[Fact::Expired, Fact::Cancelled]];
    for more in histories {
        let mut world = World::new([ordered(), held()].into_iter().chain(more.iter().cloned()), []);
        world.request(request("a", 1_600));
        world.come_to_rest();
        let (before, version, calls) = (world.payment(), world.version(), world.shared.gateway.calls.get());
        for worker in [Worker::Queue, Worker::DeadLetters] {
            for message in 0..world.messages.len() {
                world.messages[message].worker = worker;
                world.run(message).unwrap();
                world.run_sweep().unwrap();
            }
        }
        assert_eq!((world.payment(), world.version(), world.shared.gateway.calls.get()), (before, version, calls));
        world.is_consistent();
    }
}

#[test]
fn race_dead_letter_while_an_attempt_is_in_flight() {
    let mut world = charging([held()], &[]);
    world.messages[2].worker = Worker::DeadLetters;
    assert!(matches!(world.run(2).unwrap_err(), Unsettled::NotYet { .. }));
    world.come_to_rest();
    world.is_consistent();
    assert_eq!(status(&world), "SUCCEEDED");
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![
        4 => Just(Mood::Well),
        1 => Just(Mood::Declines),
        1 => Just(Mood::Refuses),
        1 => Just(Mood::Fails),
        1 => Just(Mood::FailsAfter),
        1 => Just(Mood::Mute),
        1 => Just(Mood::Lost),
        1 => Just(Mood::Late),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_charged_twice_nothing_is_left_open_and_no_money_is_kept_or_returned_wrongly(
        facts in Just(vec![ordered(), held(), held(), Fact::Cancelled, Fact::Expired, Fact::Cancelled, ordered()])
            .prop_shuffle()
            .prop_flat_map(|facts| proptest::sample::subsequence(facts, 2..=5)),
        requests in proptest::collection::vec((0_u8..3, 1..TOTAL), 0..3),
        moods in proptest::collection::vec(mood(), 0..16),
        schedule in proptest::collection::vec((0_u8..24, any::<prop::sample::Index>()), 0..120),
    ) {
        let mut world = World::new(facts, moods);
        for (key, amount) in requests {
            world.request(request(&key.to_string(), amount));
        }
        for (action, which) in schedule {
            match action {
                0..=2 if world.alive() < 3 => world.deliver(which.index(world.messages.len())),
                0..=3 => world.shared.pass(7),
                4 if world.alive() > 0 => world.kill(which.index(world.alive())),
                5 => world.shared.gateway.arrive_late(),
                // Received too often, for whatever reason: a dead letter. Requests of staff never are.
                6 => {
                    let message = which.get_mut(&mut world.messages);
                    if message.worker == Worker::Queue {
                        message.worker = Worker::DeadLetters;
                    }
                }
                7 if world.alive() < 3 => world.sweep(),
                // No invocation lives for a day.
                8 if world.alive() == 0 => {
                    world.shared.gateway.forget();
                    world.shared.pass(86_400);
                }
                _ if world.alive() > 0 => drop(world.go_on(which.index(world.alive()))),
                _ => world.deliver(which.index(world.messages.len())),
            }
            prop_assert!(world.shared.gateway.charges.get() <= 1);
            prop_assert!(world.shared.gateway.returned() <= u64::from(world.shared.gateway.charges.get()) * TOTAL);
        }
        world.come_to_rest();
        world.is_consistent();
    }
}
