//! The stock against what reservations hold and sold, and what operators adjusted.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Finding, Kind, Repair, Subject};
use crate::package::hex;
use crate::reconcile::world::{Hold, World};

/// What the reason of a correction begins with. A correction brings no goods: it undoes a change that no adjustment
/// explains. So it does not count among the adjustments.
pub const CORRECTION: &str = "reconcile:";
/// The most that inventory takes in one adjustment; a larger drift is nothing that a machine should mend.
const MAX_DELTA: u64 = 1_000_000;

/// What is known of one sku.
#[derive(Default)]
struct Sums {
    on_hand: i64,
    reserved: i64,
    /// Pieces of lines that are held.
    held: i64,
    sold: i64,
    adjusted: i64,
    adjustments: usize,
}

pub(super) fn compare(world: &World) -> Vec<Finding> {
    let sums = sums(world).into_iter().filter(|(sku, _)| !world.moving.contains(*sku));
    sums.flat_map(|(sku, sums)| [reserved(sku, &sums), on_hand(sku, &sums)]).flatten().collect()
}

fn reserved(sku: &str, sums: &Sums) -> Option<Finding> {
    let finding = Finding::new(Kind::ReservedDiffers, Subject::Sku(sku.to_owned()));
    let finding = finding.says("stock", format!("{} reserved", sums.reserved));
    (sums.reserved != sums.held).then(|| finding.says("reservations", format!("hold {}", sums.held)))
}

fn on_hand(sku: &str, sums: &Sums) -> Option<Finding> {
    let expected = sums.adjusted - sums.sold;
    let delta = expected - sums.on_hand;
    let finding = Finding::new(Kind::OnHandDiffers, Subject::Sku(sku.to_owned()));
    let finding = finding.says("stock", format!("{} on hand", sums.on_hand));
    let finding = finding.says("adjustments", format!("{} in all", sums.adjusted));
    let finding = finding.says("reservations", format!("sold {}", sums.sold));
    let mends = delta.unsigned_abs() <= MAX_DELTA;
    let repair = mends.then(|| Repair::AdjustStock { sku: sku.to_owned(), delta, idempotency_key: key(sku, sums) });
    (delta != 0).then(|| finding.repair(repair))
}

/// The same drift has the same key; the same drift after it was mended has another, for there is one adjustment more.
fn key(sku: &str, sums: &Sums) -> String {
    let drift = format!("{sku}/{}/{}/{}/{}", sums.on_hand, sums.adjusted, sums.sold, sums.adjustments);
    format!("reconcile-{}", &hex(&Sha256::digest(drift))[..32])
}

fn sums(world: &World) -> BTreeMap<&str, Sums> {
    let mut sums: BTreeMap<&str, Sums> = BTreeMap::new();
    for stock in world.stock.values() {
        let of = sums.entry(&stock.sku).or_default();
        (of.on_hand, of.reserved) = (stock.on_hand, stock.reserved);
    }
    for reservation in world.reservations.values() {
        for line in &reservation.lines {
            let of = sums.entry(&line.sku).or_default();
            let (quantity, held) = (pieces(line.quantity), pieces(line.held));
            of.held += held;
            of.sold += match reservation.state {
                Hold::Committed => quantity,
                Hold::Committing => quantity - held,
                Hold::Holding | Hold::Reserved | Hold::Releasing | Hold::Released | Hold::Rejected => 0,
            };
        }
    }
    for adjustment in &world.adjustments {
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
