//! A consistent world has no drift, however it is put together.

use omsctl::reconcile::compare::{CORRECTION, compare};
use omsctl::reconcile::world::{Adjustment, Ledger, World};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::given::{GRACE, LIVES, Life, live, now, one, stocked};

const SKUS: [&str; 3] = ["MUG", "TEA", "CUP"];

proptest! {
    #[test]
    fn a_consistent_world_has_no_drift(
        lives in vec((0..LIVES.len(), 0..SKUS.len(), 1_u64..5), 0..30),
        corrections in vec((0..SKUS.len(), -5_i64..5), 0..3),
        real_gateway in any::<bool>(),
    ) {
        let mut world = World { ledger: Some(Ledger::default()), ..World::default() };
        for (n, (life, sku, pieces)) in lives.into_iter().enumerate() {
            live(&mut world, &format!("ord_{n}"), LIVES[life], SKUS[sku], pieces);
        }
        for sku in SKUS {
            stocked(&mut world, sku, 1_000);
        }
        for (sku, delta) in corrections {
            // What was corrected had drifted, so the sum of what was adjusted does not move.
            let reason = Some(format!("{CORRECTION} a hand"));
            world.adjustments.push(Adjustment { sku: SKUS[sku].into(), delta, reason });
        }
        if real_gateway {
            world.ledger = None;
        }
        prop_assert_eq!(compare(&world, now(), GRACE), vec![]);
    }
}

#[test]
fn what_moved_within_the_grace_is_on_its_way() {
    let mut world = one(Life::Retrying);
    world.payments.get_mut("ord_1").unwrap().next_attempt_at = None;
    assert_eq!(compare(&world, now(), GRACE).len(), 1, "it stands still");
    world.payments.get_mut("ord_1").unwrap().attempts[0].ended_at = Some(now());
    assert!(compare(&world, now(), GRACE).is_empty(), "it moved just now");
}

#[test]
fn a_hold_that_ran_out_just_now_is_on_its_way_to_orders() {
    let mut world = one(Life::Expired);
    world.orders.get_mut("ord_1").unwrap().status = omsctl::reconcile::world::Status::InventoryReserved;
    world.orders.get_mut("ord_1").unwrap().decided_at = None;
    let reservation = world.reservations.get_mut("ord_1").unwrap();
    reservation.expires_at = Some(now());
    assert!(compare(&world, now(), GRACE).is_empty());
    world.reservations.get_mut("ord_1").unwrap().expires_at = Some(crate::given::ago(5));
    assert!(!compare(&world, now(), GRACE).is_empty());
}

#[test]
fn a_sku_that_moves_while_it_is_read_says_nothing() {
    let mut world = one(Life::Completed);
    world.stock.get_mut("MUG").unwrap().on_hand += 1;
    assert_eq!(compare(&world, now(), GRACE).len(), 1);
    world.moving.insert("MUG".into());
    assert!(compare(&world, now(), GRACE).is_empty());
}
