//! Whole orders, drawn: whatever an order may be, also what its rules would not lead to.

use contracts::{EventData, inventory, orders as own, payments, platform};
use jiff::{SignedDuration, Timestamp};
use orders::domain::attention::{Attention, AttentionEntry, AttentionReason, Resolution, UnprocessedEvent};
use orders::domain::decision::{CancelReason, Decision};
use orders::domain::ids::{CustomerId, OrderId, PaymentId, PaymentMethod, RefundId, ReservationId, Sku};
use orders::domain::inventory::{Inventory, Shortfall};
use orders::domain::line::{Line, Quantity, cost};
use orders::domain::money::{Currency, Minor};
use orders::domain::order::Order;
use orders::domain::payment::Payment;
use orders::domain::refund::{RefundProgress, Returned};
use orders::outbound::{AcceptedOrder, AppliedFact, OrderMetadata};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

/// Later than any clock that runs this.
const PLACED: Timestamp = Timestamp::constant(4_100_000_000, 123_456_789);
const OWN: [&str; 4] =
    [own::OrderCreated::TYPE, own::OrderConfirmed::TYPE, own::OrderCompleted::TYPE, own::OrderCancelled::TYPE];
/// The last is not known to this version.
const FOREIGN: [(&str, &str); 11] = [
    (inventory::InventoryReserved::TYPE, inventory::SOURCE),
    (inventory::InventoryRejected::TYPE, inventory::SOURCE),
    (inventory::InventoryReleased::TYPE, inventory::SOURCE),
    (inventory::InventoryCommitted::TYPE, inventory::SOURCE),
    (payments::PaymentSucceeded::TYPE, payments::SOURCE),
    (payments::PaymentFailed::TYPE, payments::SOURCE),
    (payments::PaymentVoided::TYPE, payments::SOURCE),
    (payments::PaymentRefunded::TYPE, payments::SOURCE),
    (payments::RefundFailed::TYPE, payments::SOURCE),
    (platform::EventProcessingFailed::TYPE, platform::SOURCE),
    ("ShipmentSent.v1", "oms.shipping"),
];

/// An order with its metadata.
pub fn accepted_order() -> impl Strategy<Value = AcceptedOrder> {
    let parts = (lines(), inventory(), payment(), decision(), returned(), attention());
    (parts, (time(), currency()), option::of(any::<String>()), vec(fact(), 0..12)).prop_map(
        |((lines, inventory, payment, decision, returned, attention), (pay_by, currency), cancel_note, facts)| {
            let id = OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap();
            let history = history(&id, facts);
            let order = Order {
                id,
                customer: CustomerId::new("ada").unwrap(),
                total: Minor::new(cost(&lines)).unwrap(),
                lines,
                currency,
                payment_method: PaymentMethod::new("pm_card_visa").unwrap(),
                placed_at: PLACED,
                pay_by,
                inventory,
                payment,
                returned,
                decision,
                attention,
            };
            let (fingerprint, correlation_id) = ("qf6l".to_owned(), "cor_saga".to_owned());
            AcceptedOrder {
                order,
                metadata: OrderMetadata {
                    fingerprint,
                    correlation_id,
                    client_correlation_id: None,
                    cancel_note,
                    history,
                },
            }
        },
    )
}

/// From an hour before the order was placed to a year after.
fn time() -> impl Strategy<Value = Timestamp> {
    let (before, after) = (SignedDuration::from_hours(-1), SignedDuration::from_hours(365 * 24));
    let whole = (before.as_secs()..=after.as_secs()).prop_map(|seconds| PLACED + SignedDuration::from_secs(seconds));
    let exact = (before.as_nanos()..=after.as_nanos())
        .prop_map(|nanos| Timestamp::from_nanosecond(PLACED.as_nanosecond() + nanos).unwrap());
    prop_oneof![Just(PLACED), whole, exact]
}

fn id(prefix: &'static str) -> impl Strategy<Value = String> {
    any::<u128>().prop_map(move |number| format!("{prefix}{}", Uuid::from_u128(number)))
}

fn currency() -> impl Strategy<Value = Currency> {
    select(vec![Currency::Eur, Currency::Gbp, Currency::Usd])
}

/// 1 to 100 lines, which cost together what can be charged at once.
fn lines() -> impl Strategy<Value = Vec<Line>> {
    vec(("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", 1_u32..=Quantity::MAX, any::<u64>()), 1..=100).prop_map(|drawn| {
        let share = Minor::MAX.units() / drawn.len() as u64;
        let line = |(sku, pieces, price): (String, u32, u64)| Line {
            sku: Sku::new(&sku).unwrap(),
            quantity: Quantity::new(pieces.into()).unwrap(),
            unit_price: Minor::new(price % (share / u64::from(pieces) + 1)).unwrap(),
        };
        drawn.into_iter().map(line).collect()
    })
}

fn inventory() -> impl Strategy<Value = Inventory> {
    let reservation = || id("rsv_").prop_map(|id| ReservationId::new(&id).unwrap());
    prop_oneof![
        Just(Inventory::None),
        (reservation(), time()).prop_map(|(reservation, expires_at)| Inventory::Reserved { reservation, expires_at }),
        prop_oneof![Just(None), Just(Some(Shortfall::InsufficientStock)), Just(Some(Shortfall::UnknownSku))]
            .prop_map(|why| Inventory::Rejected { why }),
        any::<bool>().prop_map(|expired| Inventory::Released { expired }),
        reservation().prop_map(|reservation| Inventory::Committed { reservation }),
    ]
}

fn payment() -> impl Strategy<Value = Payment> {
    (0..4, id("pay_"), any::<u32>()).prop_map(|(state, id, attempts)| {
        let payment = PaymentId::new(&id).unwrap();
        match state {
            0 => Payment::None,
            1 => Payment::Failed { payment, attempts },
            2 => Payment::Voided { payment },
            _ => Payment::Succeeded { payment, attempts },
        }
    })
}

fn decision() -> impl Strategy<Value = Decision> {
    use CancelReason::{Customer, OutOfStock, PaymentFailed, ReservationExpired, Staff, TimedOut};
    let reason = select(vec![OutOfStock, PaymentFailed, ReservationExpired, TimedOut, Customer, Staff]);
    prop_oneof![
        Just(Decision::Open),
        time().prop_map(|at| Decision::Confirmed { at }),
        time().prop_map(|at| Decision::Completed { at }),
        (reason, time()).prop_map(|(reason, at)| Decision::Cancelled { reason, at }),
    ]
}

fn returned() -> impl Strategy<Value = Returned> {
    let refund = id("rfd_").prop_map(|id| RefundId::new(&id).unwrap());
    let refunds = btree_map(refund, select(vec![RefundProgress::Failing, RefundProgress::Done]), 0..4);
    (any::<u64>(), refunds).prop_map(|(total, refunds)| Returned { total, refunds })
}

fn attention() -> impl Strategy<Value = Attention> {
    let event = any::<[String; 4]>().prop_map(|[consumer, event_id, event_type, error_class]| {
        AttentionReason::EventNotProcessed(UnprocessedEvent { consumer, event_id, event_type, error_class })
    });
    let reason = prop_oneof![
        Just(AttentionReason::CommitOverdue),
        Just(AttentionReason::ReleaseOverdue),
        Just(AttentionReason::MoneyOverdue),
        Just(AttentionReason::RefundFailed),
        event,
    ];
    let resolution = (time(), any::<String>(), any::<String>()).prop_map(|(at, by, note)| Resolution { at, by, note });
    let entry = (any::<u32>(), reason, time(), option::of(resolution))
        .prop_map(|(number, reason, since, resolution)| AttentionEntry { number, reason, since, resolution });
    (any::<u32>(), vec(entry, 0..4)).prop_map(|(raised, entries)| Attention { raised, entries })
}

/// A type and its source, when, and the id that it has if it is another service's.
fn fact() -> impl Strategy<Value = (&'static str, &'static str, Timestamp, String)> {
    let event = prop_oneof![select(&OWN[..]).prop_map(|own| (own, own::SOURCE)), select(&FOREIGN[..])];
    let odd = select(vec!["", " ", "=", "-", "EVT 1", "evt_1", "%20", "%2520 %", "evt_\u{0}\n"]);
    let id = prop_oneof![id("evt_"), any::<String>(), odd.prop_map(ToOwned::to_owned)];
    (event, time(), id).prop_map(|((event_type, source), at, id)| (event_type, source, at, id))
}

/// The id of an own event follows from its place among the order's own.
fn history(order: &OrderId, facts: Vec<(&str, &str, Timestamp, String)>) -> Vec<AppliedFact> {
    let mut sequence = 0;
    let applied = |(event_type, source, at, id): (&str, &str, Timestamp, String)| {
        let own = source == own::SOURCE;
        sequence += u64::from(own);
        let event_id = if own { contracts::event_id(source, order.as_str(), sequence) } else { id };
        AppliedFact { event_id, event_type: event_type.to_owned(), source: source.to_owned(), at }
    };
    facts.into_iter().map(applied).collect()
}
