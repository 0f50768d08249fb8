//! Stock against reservations, sales and adjustments.

use std::collections::BTreeMap;

use super::{Finding, Kind, Repair, Subject};
use crate::hash::sha256;
use crate::reconcile::snapshot::{Decision, Order, ReservationState, Snapshot};

/// The prefix of a correction's reason. A correction undoes a change that no adjustment explains; it does not bring
/// goods, so it does not count as an adjustment.
pub const CORRECTION: &str = "reconcile:";
/// The most that inventory accepts in one adjustment; people repair a larger difference.
const MAX_DELTA: u64 = 1_000_000;

/// The sums of one sku.
#[derive(Default)]
struct Sums {
    available: i64,
    /// Pieces that reservations hold.
    held: i64,
    sold: i64,
    adjusted: i64,
    adjustments: usize,
}

/// The differences of stock. While services contradict each other about reservations, nobody knows which sum is wrong, and
/// what is missing may be sold: then people count first.
pub(super) fn compare(snapshot: &Snapshot, orders: &[Finding]) -> Vec<Finding> {
    let is_doubtful = orders.iter().any(|finding| finding.kind.casts_doubt_on_stock()) || lacks_reservations(snapshot);
    let sums = sums(snapshot).into_iter().filter(|(sku, _)| !snapshot.moving.contains(*sku));
    sums.filter_map(|(sku, sums)| on_hand(sku, &sums, is_doubtful)).collect()
}

/// Whether a completed order has no reservation, also if it changed too lately to be compared: its pieces are sold, and
/// look like pieces that are missing.
fn lacks_reservations(snapshot: &Snapshot) -> bool {
    let is_sold = |order: &Order| order.decision() == Decision::Completed;
    snapshot.orders.iter().any(|(id, order)| is_sold(order) && !snapshot.reservations.contains_key(id))
}

fn on_hand(sku: &str, sums: &Sums, is_doubtful: bool) -> Option<Finding> {
    let delta = sums.adjusted - sums.sold - sums.held - sums.available;
    let finding = Finding::new(Kind::OnHandDiffers, Subject::Sku(sku.to_owned()));
    let finding = finding.known("stock", format!("{} available", sums.available));
    let finding = finding.known("adjustments", format!("{} in total", sums.adjusted));
    let finding = finding.known("reservations", format!("hold {}, sold {}", sums.held, sums.sold));
    let repairable = delta.unsigned_abs() <= MAX_DELTA && !is_doubtful;
    let repair =
        repairable.then(|| Repair::AdjustStock { sku: sku.to_owned(), delta, idempotency_key: key(sku, sums) });
    (delta != 0).then(|| finding.repair(repair))
}

/// Two corrections of the same difference have the same key. If it comes back after a correction, there is one
/// adjustment more, and the key is another one.
fn key(sku: &str, sums: &Sums) -> String {
    let on_hand = sums.available + sums.held;
    let difference = format!("{sku}/{on_hand}/{}/{}/{}", sums.adjusted, sums.sold, sums.adjustments);
    format!("reconcile-{}", &sha256(difference.as_bytes())[..32])
}

fn sums(snapshot: &Snapshot) -> BTreeMap<&str, Sums> {
    let mut sums: BTreeMap<&str, Sums> = BTreeMap::new();
    for stock in snapshot.stock.values() {
        sums.entry(&stock.sku).or_default().available = stock.available;
    }
    for reservation in snapshot.reservations.values() {
        for line in &reservation.lines {
            let of = sums.entry(&line.sku).or_default();
            let is_sold = reservation.state == ReservationState::Committed;
            of.held += pieces(line.held);
            of.sold += if is_sold { pieces(line.quantity) } else { 0 };
        }
    }
    for adjustment in &snapshot.adjustments {
        let of = sums.entry(&adjustment.sku).or_default();
        let correction = adjustment.reason.as_deref().is_some_and(|reason| reason.starts_with(CORRECTION));
        of.adjusted += if correction { 0 } else { adjustment.delta };
        of.adjustments += 1;
    }
    sums
}

fn pieces(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
