//! A consistent snapshot has no difference, whatever its orders went through.

use omsctl::reconcile::compare::{CORRECTION, compare};
use omsctl::reconcile::snapshot::{Adjustment, Ledger, Snapshot};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::given::{GRACE, LIVES, Life, live, now, one, stocked};

const SKUS: [&str; 3] = ["MUG", "TEA", "CUP"];

proptest! {
    #[test]
    fn a_consistent_snapshot_has_no_difference(
        lives in vec((0..LIVES.len(), 0..SKUS.len(), 1_u64..5), 0..30),
        corrections in vec((0..SKUS.len(), -5_i64..5), 0..3),
        real_gateway in any::<bool>(),
    ) {
        let mut snapshot = Snapshot { ledger: Some(Ledger::default()), ..Snapshot::default() };
        for (n, (life, sku, pieces)) in lives.into_iter().enumerate() {
            live(&mut snapshot, &format!("ord_{n}"), LIVES[life], SKUS[sku], pieces);
        }
        for sku in SKUS {
            stocked(&mut snapshot, sku, 1_000);
        }
        for (sku, delta) in corrections {
            // A correction undoes another change, so it does not count in the sum of adjustments.
            let reason = Some(format!("{CORRECTION} a hand"));
            snapshot.adjustments.push(Adjustment { sku: SKUS[sku].into(), delta, reason });
        }
        if real_gateway {
            snapshot.ledger = None;
        }
        prop_assert_eq!(compare(&snapshot, now(), GRACE), vec![]);
    }
}

#[test]
fn an_order_that_changed_within_the_grace_is_not_compared() {
    let mut snapshot = one(Life::Retrying);
    snapshot.payments.get_mut("ord_1").unwrap().next_attempt_at = None;
    assert_eq!(compare(&snapshot, now(), GRACE).len(), 1, "it is stalled");
    snapshot.payments.get_mut("ord_1").unwrap().attempts[0].ended_at = Some(now());
    assert!(compare(&snapshot, now(), GRACE).is_empty(), "it changed just now");
}

#[test]
fn a_reservation_that_expired_within_the_grace_is_not_compared() {
    let mut snapshot = one(Life::Expired);
    snapshot.orders.get_mut("ord_1").unwrap().status = omsctl::reconcile::snapshot::Status::InventoryReserved;
    snapshot.orders.get_mut("ord_1").unwrap().decided_at = None;
    let reservation = snapshot.reservations.get_mut("ord_1").unwrap();
    reservation.expires_at = Some(now());
    assert!(compare(&snapshot, now(), GRACE).is_empty());
    snapshot.reservations.get_mut("ord_1").unwrap().expires_at = Some(crate::given::ago(5));
    assert!(!compare(&snapshot, now(), GRACE).is_empty());
}

#[test]
fn a_sku_that_changes_while_it_is_read_is_not_compared() {
    let mut snapshot = one(Life::Completed);
    snapshot.stock.get_mut("MUG").unwrap().available += 1;
    assert_eq!(compare(&snapshot, now(), GRACE).len(), 1);
    snapshot.moving.insert("MUG".into());
    assert!(compare(&snapshot, now(), GRACE).is_empty());
}
