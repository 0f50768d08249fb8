//! Differences between the gateway's ledger and payments.

use omsctl::reconcile::finding::Kind;
use omsctl::reconcile::snapshot::Snapshot;

use crate::drifts::{Case, ORDER, RESERVATION, case, payment};
use crate::given::{Life, charge, returned};

pub fn cases() -> Vec<Case> {
    use Kind::{
        AmountDiffers, ChargeKept, ChargeMissing, ChargeUnknown, ChargedTwice, RefundMissing, RefundUnknown,
        WithoutOrder,
    };
    vec![
        case(
            "charged, and payments does not know it yet",
            Life::Retrying,
            |w| {
                payment(w).gateway_reference = Some("pi_ord_1".into());
                charged(w, "pi_ord_1");
            },
            ChargeUnknown,
            RESERVATION,
        ),
        case("charged under another key", Life::Retrying, |w| charged(w, "pi_other"), ChargeUnknown, None),
        case("charged after it was voided", Life::Voided, |w| charged(w, "pi_ord_1"), ChargeUnknown, None),
        case("charged twice", Life::Completed, |w| charged(w, "pi_other"), ChargedTwice, None),
        case(
            "a cancelled order is not refunded",
            Life::Refunded,
            |w| {
                payment(w).refunds.clear();
                w.ledger.as_mut().unwrap().refunds.clear();
            },
            ChargeKept,
            ORDER,
        ),
        case(
            "refunded by hand",
            Life::Completed,
            |w| w.ledger.as_mut().unwrap().refunds.push(returned("ord_1", None, 5)),
            RefundUnknown,
            None,
        ),
        case(
            "refunded twice",
            Life::Refunded,
            |w| {
                let twice = returned("ord_1", Some("rfd_ord_1"), 1_800);
                w.ledger.as_mut().unwrap().refunds.push(twice);
            },
            RefundUnknown,
            None,
        ),
        case(
            "the ledger lacks a charge",
            Life::Completed,
            |w| w.ledger.as_mut().unwrap().charges.clear(),
            ChargeMissing,
            None,
        ),
        case(
            "the ledger lacks a refund",
            Life::Refunded,
            |w| w.ledger.as_mut().unwrap().refunds.clear(),
            RefundMissing,
            None,
        ),
        case(
            "the ledger has another amount",
            Life::Completed,
            |w| w.ledger.as_mut().unwrap().charges[0].amount += 1,
            AmountDiffers,
            None,
        ),
        case(
            "a charge without an order",
            Life::New,
            |w| w.ledger.as_mut().unwrap().charges.push(charge("ord_2", "pi_2", 5)),
            WithoutOrder,
            None,
        ),
    ]
}

fn charged(snapshot: &mut Snapshot, intent: &str) {
    snapshot.ledger.as_mut().unwrap().charges.push(charge("ord_1", intent, 1_800));
}
