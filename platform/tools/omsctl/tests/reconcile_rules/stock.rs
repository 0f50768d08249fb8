//! Stock against reservations, sales and adjustments.

use omsctl::reconcile::compare::{CORRECTION, compare};
use omsctl::reconcile::finding::{Kind, Repair};
use omsctl::reconcile::snapshot::Adjustment;

use crate::given::{GRACE, Life, now, one};

#[test]
fn pieces_that_were_taken_and_that_no_reservation_holds_are_found() {
    let mut snapshot = one(Life::Retrying);
    snapshot.stock.get_mut("MUG").unwrap().available -= 3;
    let findings = compare(&snapshot, now(), GRACE);
    assert_eq!(findings.iter().map(|it| it.kind).collect::<Vec<_>>(), [Kind::OnHandDiffers]);
    assert_eq!(findings[0].known["stock"], "5 available");
    assert_eq!(findings[0].known["reservations"], "hold 2, sold 0");
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
