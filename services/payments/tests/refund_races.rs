//! The races that concern refunds, each by its name. Those that chance finds are in `races`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

use payments::domain::payment::Fact;
use payments::domain::refund::RefundProgress;
use support::gateway::Mood;
use support::world::World;
use support::{TOTAL, held, ordered, request};

/// The amount was charged; what else happens is up to the test.
fn charged(more: impl IntoIterator<Item = Fact>, moods: &[Mood]) -> World {
    let mut world = World::new([ordered(), held()].into_iter().chain(more), [Mood::Well; 2]);
    world.run(0).unwrap();
    world.run(1).unwrap();
    world.shared.gateway.moods.borrow_mut().extend(moods);
    world
}

/// All that are alive go on by turns.
fn in_lockstep(world: &mut World) {
    while world.alive() > 0 {
        for index in (0..world.alive()).rev() {
            drop(world.go_on(index));
        }
    }
}

#[test]
fn race_refund_asked_for_twice() {
    // By two cancels, and by staff with one key, each pair at once.
    let mut cancelled = charged([Fact::Cancelled, Fact::Cancelled], &[]);
    cancelled.deliver(2);
    cancelled.deliver(3);
    let mut requested = charged([], &[]);
    for _ in 0..2 {
        let message = requested.request(request("a", 1_600));
        requested.deliver(message);
    }
    for (mut world, amount) in [(cancelled, TOTAL), (requested, 1_600)] {
        in_lockstep(&mut world);
        world.come_to_rest();
        world.is_consistent();
        assert_eq!((world.shared.gateway.returned(), world.payment().refunds.len()), (amount, 1));
    }
}

#[test]
fn race_refund_by_staff_against_refund_by_cancel() {
    let mut world = charged([Fact::Cancelled], &[]);
    let message = world.request(request("a", TOTAL));
    world.deliver(2);
    world.deliver(message);
    in_lockstep(&mut world);
    world.come_to_rest();
    world.is_consistent();
    assert_eq!((world.shared.gateway.returned(), world.payment().refunds.len()), (TOTAL, 1), "whoever wrote first");
}

#[test]
fn race_gateway_timeout_then_refund() {
    let mut world = charged([Fact::Cancelled], &[Mood::Mute]);
    assert_eq!(world.run(2).unwrap().owed(), TOTAL, "the message is done with all the same");
    world.shared.gateway.forget();
    world.shared.pass(86_400);
    assert_eq!(world.run_sweep().unwrap().refunded(), TOTAL);
    assert_eq!(world.shared.gateway.calls.get(), 4, "create, confirm, refund, ask: not sent again");
    world.is_consistent();
}

#[test]
fn race_crash_after_the_refund_was_written_and_before_it_was_sent_or_its_outcome_written() {
    for returned in [0, TOTAL] {
        let mut world = charged([Fact::Cancelled], &[]);
        world.deliver(2);
        while world.payment().refunds.is_empty() || world.shared.gateway.returned() < returned {
            assert!(world.go_on(0).is_none());
        }
        world.kill(0);
        assert!(matches!(world.payment().refunds[0].progress, RefundProgress::Sent { .. }));
        assert_eq!(world.run(2).unwrap().owed(), TOTAL, "the message comes again, but the sweep will see to it");
        world.come_to_rest();
        world.is_consistent();
    }
}

#[test]
fn race_two_sweeps_at_once() {
    let mut world = charged([Fact::Cancelled], &[Mood::Fails]);
    world.run(2).unwrap();
    world.shared.pass(60);
    for _ in 0..2 {
        world.sweep();
    }
    in_lockstep(&mut world);
    world.is_consistent();
}

#[test]
fn race_cancel_after_the_order_was_paid_and_the_hold_had_run_out() {
    let mut world = charged([Fact::Expired, Fact::Cancelled], &[]);
    assert_eq!(world.run(2).unwrap().owed(), 0);
    assert_eq!(world.run(3).unwrap().refunded(), TOTAL);
    world.is_consistent();
}
