//! The stock against what is held, sold and adjusted.

use omsctl::reconcile::compare::{CORRECTION, compare};
use omsctl::reconcile::finding::{Kind, Repair, Subject};
use omsctl::reconcile::world::{Adjustment, Hold};

use crate::given::{GRACE, Life, now, one};

#[test]
fn pieces_that_no_reservation_holds_are_found_and_left_to_people() {
    let mut world = one(Life::Retrying);
    world.stock.get_mut("MUG").unwrap().reserved += 3;
    let findings = compare(&world, now(), GRACE);
    assert_eq!(
        findings.iter().map(|it| (it.kind, it.repair.clone())).collect::<Vec<_>>(),
        [(Kind::ReservedDiffers, None)]
    );
    assert_eq!(findings[0].says["stock"], "5 reserved");
    assert_eq!(findings[0].says["reservations"], "hold 2");
}

#[test]
fn stock_that_no_adjustment_explains_is_corrected_once() {
    let mut world = one(Life::Completed);
    world.stock.get_mut("MUG").unwrap().on_hand -= 3;
    let findings = compare(&world, now(), GRACE);
    let Some(Repair::AdjustStock { sku, delta, idempotency_key }) = findings[0].repair.clone() else {
        panic!("{findings:#?}")
    };
    assert_eq!((findings.len(), findings[0].kind, sku.as_str(), delta), (1, Kind::OnHandDiffers, "MUG", 3));
    assert_eq!(compare(&world, now(), GRACE), findings, "the same drift has the same key");

    world.stock.get_mut("MUG").unwrap().on_hand += delta;
    world.adjustments.push(Adjustment { sku, delta, reason: Some(format!("{CORRECTION} a hand")) });
    assert_eq!(compare(&world, now(), GRACE), vec![], "a correction brings no goods");

    world.stock.get_mut("MUG").unwrap().on_hand -= 3;
    let again = compare(&world, now(), GRACE);
    let Some(Repair::AdjustStock { idempotency_key: other, .. }) = &again[0].repair else { panic!("{again:#?}") };
    assert_ne!(*other, idempotency_key, "what happens again is mended again");
}

#[test]
fn a_sale_in_steps_counts_what_is_sold_already() {
    let mut world = one(Life::Completed);
    world.reservations.get_mut("ord_1").unwrap().state = Hold::Committing;
    let found = compare(&world, now(), GRACE);
    assert!(found.iter().all(|finding| matches!(finding.subject, Subject::OrderId(_))), "{found:#?}");
}
