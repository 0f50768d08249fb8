//! Staff adjust the stock of a sku, as inventory's use case `adjust` does it: read, decide, write both items or neither.

use chassis::cause::Cause;
use inventory::domain::adjustment::{self, Adjustment, Replay, same_idempotency_key};
use inventory::domain::stock::Level as ShownLevel;
use inventory::outbound::level::adjusted;
use inventory::outbound::{AdjustmentRecord, Cancelled, stock_adjusted};

use super::again;
use crate::dice::Dice;
use crate::faults::{self, Fault};
use crate::invariants::Rule;
use crate::world::{Completion, Held, Invocation, Level, Origin, Point, Request, RequestKind, World};

/// What an adjustment does next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Next {
    /// Read the adjustment under its id, what is reserved, and the stock.
    Load {
        /// How often others wrote first.
        tries: u8,
    },
    /// Decide and write.
    Save {
        /// The adjustment under its id.
        earlier: Option<Held<Adjustment>>,
        /// The stock.
        level: Level,
        /// Pieces that reservations hold.
        reserved: u64,
        /// How often others wrote first.
        tries: u8,
    },
}

/// What can go wrong with it.
#[must_use]
pub fn faults(next: &Next) -> &'static [Fault] {
    match next {
        Next::Load { .. } => faults::READ,
        Next::Save { .. } => faults::TRANSACT,
    }
}

/// Takes the next step.
pub fn step(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>, dice: &mut Dice) -> Point {
    take(world, by, next, fault, dice).map_or_else(Point::End, Point::Adjust)
}

fn take(
    world: &mut World,
    by: &Invocation,
    next: Next,
    fault: Option<Fault>,
    dice: &mut Dice,
) -> Result<Next, Completion> {
    let Origin::Request(Request { kind: RequestKind::Adjust(number), .. }) = by.origin else {
        return Err(Completion::Done);
    };
    let request = world.setting.adjustments[usize::from(number)].clone();
    let sku = world.setting.sku(request.sku.as_str()).ok_or(Completion::corrupt())?;
    match next {
        Next::Load { .. } if fault == Some(Fault::Throttle) => Err(Completion::unavailable()),
        Next::Load { tries } => {
            let earlier = world.adjustments.get(&request.id).cloned().map(Held::new);
            let reserved = world.held_of(sku).try_into().unwrap_or_default();
            Ok(Next::Save { earlier, level: world.stock[usize::from(sku)], reserved, tries })
        }
        Next::Save { earlier: Some(earlier), .. } => {
            let (Replay::Same(_) | Replay::KeyReused) = same_idempotency_key(&request, (*earlier).clone());
            Err(Completion::Done)
        }
        Next::Save { earlier: None, level, reserved, tries } => {
            let read = u64::try_from(level.version).unwrap_or_default();
            let decided = adjustment::adjust(level.pieces().unwrap_or_default(), request.delta);
            let Ok(available) = decided else { return Err(Completion::Done) };
            let level = ShownLevel { available, reserved };
            let adjustment = Adjustment { request: request.clone(), level, at: by.began };
            let adjustment = AdjustmentRecord::from(&adjustment).adjustment(request.id.as_str());
            announce(world, by, &adjustment, read)?;
            let update = adjusted("stock", &adjustment, read).map_err(|_| Completion::corrupt())?;
            match world.save_adjustment(by, adjustment, (sku, update), fault, dice) {
                Ok(Ok(())) => Err(Completion::Done),
                Ok(Err(Cancelled::Conditions(_) | Cancelled::Busy)) => again(tries, |tries| Next::Load { tries }),
                Ok(Err(Cancelled::Invalid(_))) | Err(_) => Err(Completion::unavailable()),
            }
        }
    }
}

/// No service consumes the event, so only its schema matters here.
fn announce(world: &mut World, by: &Invocation, adjustment: &Adjustment, read: u64) -> Result<(), Completion> {
    let (correlation_id, causation_id) = (format!("cor-{}", adjustment.request.id), "cmd-adjust".to_owned());
    let cause = Cause::new(correlation_id, causation_id, by.began);
    let text = stock_adjusted(adjustment, read + 1, &cause).map_err(|_| Completion::corrupt())?;
    if let Err(wrong) = crate::schemas::check("StockAdjusted.v1", &text) {
        world.violated(Rule::I7, by.order, format!("StockAdjusted: {wrong}"));
    }
    Ok(())
}
