//! Stock against reservations, sales and adjustments.

use jiff::SignedDuration;
use omsctl::reconcile::compare::{CORRECTION, compare};
use omsctl::reconcile::finding::{Kind, Repair};
use omsctl::reconcile::snapshot::Adjustment;

use crate::given::{GRACE, Life, live, now, one, stocked};

#[test]
fn pieces_that_were_taken_and_that_no_reservation_holds_are_found() {
    let mut snapshot = one(Life::Retrying);
    snapshot.stock.get_mut("MUG").unwrap().available -= 3;
    let findings = compare(&snapshot, now(), GRACE);
    assert_eq!(findings.iter().map(|it| it.kind).collect::<Vec<_>>(), [Kind::OnHandDiffers]);
    assert_eq!(findings[0].known["stock"], "5 available");
    assert_eq!(findings[0].known["reservations"], "hold 2, sold 0");
}

/// Its two pieces are with the customer, and look like pieces that are missing.
#[test]
fn while_services_contradict_each_other_people_count_the_stock() {
    let sound = |life| {
        let mut snapshot = one(Life::Completed);
        live(&mut snapshot, "ord_2", life, "TEA", 1);
        stocked(&mut snapshot, "TEA", 10);
        snapshot
    };
    let mut lost = sound(Life::Completed);
    lost.reservations.remove("ord_1");
    let mut of_another = sound(Life::Completed);
    of_another.stock.get_mut("MUG").unwrap().available -= 3;
    of_another.reservations.remove("ord_2");
    let mut of_nobody = sound(Life::Retrying);
    of_nobody.orders.remove("ord_2");
    of_nobody.stock.get_mut("MUG").unwrap().available -= 3;
    for snapshot in [lost, of_another, of_nobody] {
        // Also within the grace, in which orders are not compared.
        for grace in [GRACE, SignedDuration::from_hours(9)] {
            let found = compare(&snapshot, now(), grace);
            let stock: Vec<_> = found.iter().filter(|finding| finding.kind == Kind::OnHandDiffers).collect();
            let left_to_people = stock.iter().all(|finding| finding.repair.is_none());
            assert!(!stock.is_empty() && left_to_people, "{found:#?}");
        }
    }
}

#[test]
fn stock_that_no_adjustment_explains_is_corrected_once() {
    let mut snapshot = one(Life::Completed);
    snapshot.stock.get_mut("MUG").unwrap().available -= 3;
    let findings = compare(&snapshot, now(), GRACE);
    let Some(Repair::AdjustStock { sku, delta, idempotency_key }) = findings[0].repair.clone() else {
        panic!("{findings:#?}")
    };
    assert_eq!((findings.len(), findings[0].kind, sku.as_str(), delta), (1, Kind::OnHandDiffers, "MUG", 3));
    assert_eq!(compare(&snapshot, now(), GRACE), findings, "the same drift has the same key");

    snapshot.stock.get_mut("MUG").unwrap().available += delta;
    snapshot.adjustments.push(Adjustment { sku, delta, reason: Some(format!("{CORRECTION} a hand")) });
    assert_eq!(compare(&snapshot, now(), GRACE), vec![], "a correction brings no goods");

    snapshot.stock.get_mut("MUG").unwrap().available -= 3;
    let again = compare(&snapshot, now(), GRACE);
    let Some(Repair::AdjustStock { idempotency_key: other, .. }) = &again[0].repair else { panic!("{again:#?}") };
    assert_ne!(*other, idempotency_key, "a difference that comes back is corrected again");
}
