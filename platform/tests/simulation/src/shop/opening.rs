//! A shop before its first request: its stock, its requests, and its rate of faults.

use jiff::SignedDuration;

use super::{LARGEST, SMALLEST, Which};
use crate::dice::Dice;
use crate::faults::Fault;
use crate::trace::Trace;
use crate::world::{BEGIN, Outage, Plan, Request, RequestKind, Service, Setting, World, adjustment};

/// Rates of faults, in steps of a million; each shop has one of them.
const RATES: [u32; 6] = [0, 1_000, 5_000, 15_000, 40_000, 100_000];

/// One shop in this many has an outage, and no other fault.
const WITH_OUTAGE: u64 = 8;

/// The shop before its first request.
pub(super) fn open(which: Which, dice: &mut Dice) -> World {
    let orders = (SMALLEST + dice.below(LARGEST - SMALLEST + 1)).min(which.orders);
    // One shop in sixteen has so many skus that an order of all of them takes more than one transaction.
    let skus = if which.shop % 16 == 5 { 100 } else { 3 + dice.below(4) };
    // Some skus are stocked only later, if ever.
    let stocked = (0..skus).map(|_| if dice.comes(30_000) { 0 } else { 2 + dice.below(orders) }).collect();
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
    let mut requests: Vec<Request> =
        (0..orders).flat_map(|number| requests(u16::try_from(number).unwrap_or(u16::MAX), dice)).collect();
    adjust(which.shop, skus, &mut setting, &mut requests, dice);
    let mut rate = RATES[dice.index(RATES.len())];
    if which.shop % WITH_OUTAGE == 3 {
        // Alone, so that whatever is lost is lost by it.
        (setting.outage, setting.gateway_faults, rate) = (Some(Outage::at_random(dice)), 0, 0);
        (setting.skew, wrong_clocks) = ([SignedDuration::ZERO; 4], 0);
    }
    dice.set_faults(rate);
    let outages = usize::from(setting.outage.is_some());
    setting.calm = rate == 0 && wrong_clocks == 0 && outages == 0;
    let mut world = World::new(setting, requests);
    world.trace = Trace::of(which.wanted);
    (0..outages).for_each(|_| world.counts.add(Fault::Outage));
    (0..wrong_clocks).for_each(|_| world.counts.add(Fault::Skew));
    world
}

/// Staff adjust stock while orders reserve it; some repeat a key for something else.
fn adjust(shop: u64, skus: u32, setting: &mut Setting, requests: &mut Vec<Request>, dice: &mut Dice) {
    for nth in 0..dice.below(5) {
        let key = if dice.comes(100_000) { 0 } else { nth };
        let sku = u16::try_from(dice.below(skus)).unwrap_or_default();
        let pieces = i64::from(1 + dice.below(8));
        let delta = if dice.comes(500_000) { pieces } else { -pieces };
        let wants = |plan: &Plan| plan.lines.iter().any(|(wanted, _)| *wanted == sku);
        let order = setting.plans.iter().position(wants).and_then(|order| u16::try_from(order).ok());
        let number = u16::try_from(setting.adjustments.len()).unwrap_or_default();
        setting.adjustments.push(adjustment(&format!("shop-{shop}-{key}"), sku, delta));
        let ready_at = BEGIN + SignedDuration::from_millis(dice.below(25_000).into());
        requests.push(Request { kind: RequestKind::Adjust(number), order: order.unwrap_or_default(), ready_at });
    }
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
    if dice.comes(30_000) {
        requests.push(Request { kind: RequestKind::RefundAll, order, ready_at: later(dice) });
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
