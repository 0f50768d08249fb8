//! A shop before its first request: its stock, its requests, and its rate of faults.

use jiff::SignedDuration;

use super::{LARGEST, SMALLEST, Which};
use crate::dice::Dice;
use crate::faults::Fault;
use crate::trace::Trace;
use crate::world::{BEGIN, Plan, Request, RequestKind, Service, Setting, World};

/// Rates of faults, in steps of a million; each shop has one of them.
const RATES: [u32; 6] = [0, 1_000, 5_000, 15_000, 40_000, 100_000];

/// The shop before its first request.
pub(super) fn open(which: Which, dice: &mut Dice) -> World {
    let orders = (SMALLEST + dice.below(LARGEST - SMALLEST + 1)).min(which.orders);
    // One shop in sixteen has so many skus that an order of all of them takes more than one transaction.
    let skus = if which.shop % 16 == 5 { 100 } else { 3 + dice.below(4) };
    let stocked = (0..skus).map(|_| 2 + dice.below(orders)).collect();
    let plans = (0..u16::try_from(orders).unwrap_or(u16::MAX)).map(|number| plan(which.shop, number, skus, dice));
    let mut setting = Setting::new(plans.collect(), stocked);
    setting.mechanism = which.mechanism;
    setting.gateway_faults = if dice.comes(150_000) { 500_000 } else { 0 };
    let mut wrong_clocks = 0;
    for skew in &mut setting.skew {
        *skew = SignedDuration::from_millis(i64::from(dice.below(3_000)) - 1_500);
        if dice.comes(20_000) {
            *skew = SignedDuration::from_secs(i64::from(dice.below(172_800)) - 86_400);
            wrong_clocks += 1;
        }
    }
    let requests = (0..orders).flat_map(|number| requests(u16::try_from(number).unwrap_or(u16::MAX), dice)).collect();
    let rate = RATES[dice.index(RATES.len())];
    dice.set_faults(rate);
    let mut world = World::new(setting, requests);
    world.trace = Trace::of(which.wanted);
    (0..wrong_clocks).for_each(|_| world.counts.add(Fault::Skew));
    world
}

fn plan(shop: u64, number: u16, skus: u32, dice: &mut Dice) -> Plan {
    let all = skus > 50 && dice.comes(150_000);
    let wanted = if all { skus } else { 1 + dice.below(3) };
    let first = dice.below(skus);
    let line = |nth: u32| {
        let sku = u16::try_from((first + nth) % skus).unwrap_or_default();
        (sku, if all { 1 } else { 1 + dice.below(3) })
    };
    let mut plan = Plan::new(number, shop, (0..wanted.min(skus)).map(line).collect());
    plan.declined = dice.comes(80_000);
    plan.reachable = !dice.comes(50_000);
    plan
}

/// The requests about one order.
fn requests(order: u16, dice: &mut Dice) -> Vec<Request> {
    let ready_at = BEGIN + SignedDuration::from_millis(dice.below(20_000).into());
    let mut requests = vec![Request { kind: RequestKind::Place, order, ready_at }];
    let later = |dice: &mut Dice| ready_at + dice.stretch(SignedDuration::from_millis(500));
    if dice.comes(30_000) {
        let ready_at = BEGIN + SignedDuration::from_mins(i64::from(10 + dice.below(120)));
        requests.push(Request { kind: RequestKind::Refund, order, ready_at });
    }
    if dice.comes(250_000) {
        let kind = if dice.comes(100_000) { RequestKind::CancelByStaff } else { RequestKind::Cancel };
        requests.push(Request { kind, order, ready_at: later(dice) });
    }
    if dice.comes(30_000) {
        let service = [Service::Inventory, Service::Payments, Service::Orders][dice.index(3)];
        requests.push(Request { kind: RequestKind::Announce(service), order, ready_at: later(dice) });
    }
    requests
}
