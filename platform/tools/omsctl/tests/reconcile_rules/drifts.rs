//! Each kind of difference: a change of a consistent snapshot, the finding, and its repair.

use omsctl::reconcile::compare::compare;
use omsctl::reconcile::finding::{Finding, Kind, Subject};
use omsctl::reconcile::snapshot::{
    Order, Payment, PaymentStatus, Reservation, ReservationState, Snapshot, Status, Waiting,
};

use crate::given::{GRACE, Life, ago, now, one};

/// A change of the snapshot of one order, and the finding that it must cause.
pub struct Case {
    what: &'static str,
    life: Life,
    change: fn(&mut Snapshot),
    kind: Kind,
    repair: Option<&'static str>,
}

pub fn order(snapshot: &mut Snapshot) -> &mut Order {
    snapshot.orders.get_mut("ord_1").unwrap()
}

fn reservation(snapshot: &mut Snapshot) -> &mut Reservation {
    snapshot.reservations.get_mut("ord_1").unwrap()
}

pub fn payment(snapshot: &mut Snapshot) -> &mut Payment {
    snapshot.payments.get_mut("ord_1").unwrap()
}

/// Sets orders back to an earlier status.
fn back(snapshot: &mut Snapshot, status: Status, waits: &str, owed_by: &str) {
    let order = order(snapshot);
    order.status = status;
    order.waiting_for = vec![Waiting { fact: waits.into(), owed_by: owed_by.into(), since: ago(20) }];
}

fn sell_nothing(snapshot: &mut Snapshot) {
    reservation(snapshot).state = ReservationState::Reserved;
    reservation(snapshot).lines[0].held = 2;
}

fn forget_reservation(snapshot: &mut Snapshot) {
    snapshot.reservations.clear();
    snapshot.stock.get_mut("MUG").unwrap().available = 10;
}

fn unpaid(snapshot: &mut Snapshot, status: PaymentStatus) {
    snapshot.ledger.as_mut().unwrap().charges.clear();
    payment(snapshot).status = status;
    payment(snapshot).gateway_reference = None;
}

pub const ORDER: Option<&str> = Some("/v1/orders/ord_1/announcement");
pub const RESERVATION: Option<&str> = Some("/v1/reservations/ord_1/announcement");
const PAYMENT: Option<&str> = Some("/v1/payments/pay_ord_1/announcement");
const CANCEL: Option<&str> = Some("/v1/orders/ord_1/cancellation");

pub fn case(
    what: &'static str,
    life: Life,
    change: fn(&mut Snapshot),
    kind: Kind,
    repair: Option<&'static str>,
) -> Case {
    Case { what, life, change, kind, repair }
}

fn orders_missed_something() -> Vec<Case> {
    use Kind::OrderMissedFact;
    vec![
        case(
            "orders missed InventoryReserved",
            Life::Retrying,
            |w| back(w, Status::Pending, "InventoryReserved", "inventory"),
            OrderMissedFact,
            RESERVATION,
        ),
        case(
            "orders missed InventoryRejected",
            Life::Rejected,
            |w| back(w, Status::Pending, "InventoryReserved", "inventory"),
            OrderMissedFact,
            RESERVATION,
        ),
        case(
            "orders missed InventoryCommitted",
            Life::Completed,
            |w| back(w, Status::Confirmed, "InventoryCommitted", "inventory"),
            OrderMissedFact,
            RESERVATION,
        ),
        case(
            "orders missed InventoryReleased",
            Life::Voided,
            |w| back(w, Status::Cancelled, "InventoryReleased", "inventory"),
            OrderMissedFact,
            RESERVATION,
        ),
        case(
            "orders missed an expiry after the pivot",
            Life::Expired,
            |w| {
                back(w, Status::Confirmed, "InventoryCommitted", "inventory");
                payment(w).status = PaymentStatus::Succeeded;
                w.ledger = None;
            },
            OrderMissedFact,
            RESERVATION,
        ),
        case(
            "orders missed PaymentSucceeded",
            Life::Completed,
            |w| {
                back(w, Status::InventoryReserved, "PaymentSucceeded", "payments");
                sell_nothing(w);
            },
            OrderMissedFact,
            PAYMENT,
        ),
        case(
            "orders missed PaymentFailed",
            Life::Declined,
            |w| back(w, Status::PaymentFailed, "PaymentVoided", "payments"),
            OrderMissedFact,
            PAYMENT,
        ),
        case(
            "orders missed the charge of a cancelled order",
            Life::RefundFailing,
            |w| order(w).payment = None,
            OrderMissedFact,
            PAYMENT,
        ),
        case(
            "orders missed PaymentRefunded",
            Life::Refunded,
            |w| back(w, Status::Cancelled, "PaymentRefunded", "payments"),
            OrderMissedFact,
            PAYMENT,
        ),
    ]
}

fn services_missed_something() -> Vec<Case> {
    use Kind::{DeadEnd, DecisionMissed, PaymentStalled};
    vec![
        case(
            "inventory missed OrderConfirmed",
            Life::Completed,
            |w| {
                back(w, Status::Confirmed, "InventoryCommitted", "inventory");
                sell_nothing(w);
            },
            DecisionMissed,
            ORDER,
        ),
        case(
            "inventory missed OrderCancelled",
            Life::Voided,
            |w| {
                back(w, Status::Cancelled, "InventoryReleased", "inventory");
                sell_nothing(w);
            },
            DecisionMissed,
            ORDER,
        ),
        case("inventory never knew a cancelled order", Life::Voided, forget_reservation, DecisionMissed, ORDER),
        case(
            "payments missed OrderCancelled",
            Life::Voided,
            |w| unpaid(w, PaymentStatus::Retrying),
            DecisionMissed,
            ORDER,
        ),
        case(
            "payments never knew a cancelled order",
            Life::NeverReserved,
            |w| w.payments.clear(),
            DecisionMissed,
            ORDER,
        ),
        case("payments does not know the amount", Life::Retrying, |w| payment(w).amount = None, DecisionMissed, ORDER),
        case(
            "nothing tries to charge",
            Life::Retrying,
            |w| payment(w).next_attempt_at = Some(ago(10)),
            PaymentStalled,
            RESERVATION,
        ),
        case(
            "the reservation of an open order was released",
            Life::Voided,
            |w| {
                back(w, Status::Pending, "InventoryReserved", "inventory");
                payment(w).status = PaymentStatus::Retrying;
                payment(w).next_attempt_at = Some(now());
            },
            DeadEnd,
            CANCEL,
        ),
        case(
            "the payment of an open order was voided",
            Life::Retrying,
            |w| payment(w).status = PaymentStatus::Voided,
            DeadEnd,
            CANCEL,
        ),
    ]
}

fn contradictions() -> Vec<Case> {
    use Kind::{AmountDiffers, Contradiction, WithoutOrder};
    vec![
        case("completed, but nothing was sold", Life::Completed, sell_nothing, Contradiction, None),
        case(
            "completed, but nothing was paid",
            Life::Completed,
            |w| unpaid(w, PaymentStatus::Failed),
            Contradiction,
            None,
        ),
        case("the payment is about another amount", Life::Completed, |w| order(w).total += 1, AmountDiffers, None),
        case("a reservation without an order", Life::Voided, |w| w.orders.clear(), WithoutOrder, None),
    ]
}

#[test]
fn every_difference_of_an_order_is_found_with_its_repair() {
    let missed = orders_missed_something().into_iter().chain(services_missed_something());
    for Case { what, life, change, kind, repair } in missed.chain(contradictions()).chain(crate::gateway::cases()) {
        let mut snapshot = one(life);
        assert_eq!(compare(&snapshot, now(), GRACE), vec![], "{what}: consistent before");
        change(&mut snapshot);
        let findings: Vec<Finding> = compare(&snapshot, now(), GRACE);
        let found = findings.iter().find(|finding| finding.kind == kind);
        let found = found.unwrap_or_else(|| panic!("{what}: {kind:?} is not among {findings:#?}"));
        let sent = found.repair.as_ref().map(ToString::to_string);
        assert_eq!(sent.is_some(), repair.is_some(), "{what}: {found:#?}");
        assert!(repair.is_none_or(|path| sent.as_ref().is_some_and(|it| it.contains(path))), "{what}: {sent:?}");
        let of_the_order = findings.iter().filter(|it| matches!(it.subject, Subject::OrderId(_))).count();
        assert!(of_the_order <= 2, "{what}: one cause, too many findings: {findings:#?}");
    }
}
