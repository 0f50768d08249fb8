//! What a rate of orders asks of each resource, beside what there is.

use serde_json::{Value, json};

use super::settings::{Order, Resources, Work};

/// One resource at one rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    pub name: &'static str,
    /// What is counted, a second unless it says otherwise.
    pub unit: &'static str,
    pub asked: f64,
    pub there: f64,
    pub remedy: &'static str,
}

impl Load {
    /// How much of what there is is asked; over one it is too much.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.asked / self.there
    }

    pub fn to_json(&self) -> Value {
        let Self { name, unit, asked, there, remedy } = self;
        json!({ "resource": name, "unit": unit, "asked": asked, "there": there, "change": remedy })
    }
}

/// Write units a second of one partition, of a table or of an index.
/// Source: "Best practices for designing and using partition keys effectively in DynamoDB".
pub const PARTITION_UNITS: f64 = 1_000.0;
/// A write in a transaction counts twice.
const TRANSACTION: f64 = 2.0;

/// How many partitions, and so shards of its stream, a table has at a rate that has lasted: on demand, DynamoDB makes room
/// for twice the former peak.
/// Source: "DynamoDB on-demand capacity mode", initial throughput and scaling properties.
#[must_use]
pub fn partitions(resources: &Resources, units_a_second: f64) -> f64 {
    resources.table_partitions.max((2.0 * units_a_second / PARTITION_UNITS).ceil())
}

/// How long an invocation of a relay takes for a full batch, in milliseconds: one request for ten events, one after the other.
#[must_use]
pub fn relay_takes(work: &Work, records: f64) -> f64 {
    work.relay_fixed + work.relay_put * (records / 10.0).ceil()
}

/// How long a batch of payments takes in which somebody is charged, in milliseconds.
fn charge_takes(work: &Work) -> f64 {
    work.message + 2.0 * work.gateway_call
}

/// Every resource, the fullest first.
#[must_use]
pub fn loads(order: &Order, work: &Work, have: &Resources, rate: f64) -> Vec<Load> {
    let mut loads = consumers(work, have, rate);
    loads.extend(relays(order, work, have, rate));
    loads.extend(keys(order, have, rate));
    loads.extend(quotas(order, work, have, rate));
    loads.sort_by(|one, other| other.share().total_cmp(&one.share()));
    loads
}

fn load(name: &'static str, unit: &'static str, asked: f64, there: f64, remedy: &'static str) -> Load {
    Load { name, unit, asked, there, remedy }
}

/// The queues' consumers.
fn consumers(work: &Work, have: &Resources, rate: f64) -> Vec<Load> {
    let batches = have.consumer_concurrency * have.consumer_batch;
    let consumer = |name, messages: f64, takes: f64| {
        let remedy = "MaximumConcurrency, and the account's quota with it: no cost of its own";
        load(name, "messages", rate * messages, 1_000.0 * batches / takes, remedy)
    };
    vec![
        consumer("payments, while it charges", 2.0, charge_takes(work)),
        consumer("orders, its queue", 3.0, work.message),
        consumer("inventory, its queue", 2.0, work.message),
        consumer("notifications, its queue", 1.0, work.message + work.mail),
    ]
}

/// The streams' readers.
fn relays(order: &Order, work: &Work, have: &Resources, rate: f64) -> Vec<Load> {
    let relay = |name, records: f64, units: f64| {
        let batches = partitions(have, rate * units) * have.parallelization_factor;
        let there = batches * have.relay_batch * 1_000.0 / relay_takes(work, have.relay_batch);
        let remedy = "ParallelizationFactor, up to 10: no cost, and an item's events stay in order";
        load(name, "records", rate * records, there, remedy)
    };
    let (records, units) = (order.records, order.units);
    vec![
        relay("orders, its relay", records.orders, units.orders),
        relay("inventory, its relay", records.reservations, units.reservations),
        relay("payments, its relay", records.payments, units.payments),
        relay("notifications, its relay", records.deliveries, units.deliveries),
    ]
}

/// Keys that many orders share: a partition's limit is theirs.
fn keys(order: &Order, have: &Resources, rate: f64) -> Vec<Load> {
    let due = PARTITION_UNITS * have.due_shards;
    let due_remedy = "more due shards in chassis: no cost but the sweep's queries";
    let attention_remedy = "shards, as the index of due items has";
    let popular = rate * order.share_of_top_sku * TRANSACTION / orders_a_transaction(order, have, rate);
    let stock_remedy = "spread its stock over several items: work in inventory";
    vec![
        load("index of due orders", "units", rate * order.due_units.orders, due, due_remedy),
        load("index of due reservations", "units", rate * order.due_units.reservations, due, due_remedy),
        load("one sku that sells best", "units", popular, PARTITION_UNITS * have.stock_items, stock_remedy),
        load("index of attention", "units", rate * order.needs_attention, PARTITION_UNITS, attention_remedy),
        load("the same, while the gateway is away", "units", rate, PARTITION_UNITS, attention_remedy),
    ]
}

/// What AWS, the gateway and the mail service allow an account.
fn quotas(order: &Order, work: &Work, have: &Resources, rate: f64) -> Vec<Load> {
    let quota = "a quota; no cost of its own";
    let busy = work.api
        + order.deliveries / have.consumer_batch * work.message
        + charge_takes(work) / have.consumer_batch
        + order.bus_events * relay_takes(work, 10.0) / 10.0;
    let (writes, mails) = (rate * order.gateway_writes, rate * order.mails);
    let waiting = "a delay on the queue while the gateway is known to be away";
    vec![
        load("the gateway", "writes", writes, have.gateway_writes, "the gateway's contract: ask weeks ahead"),
        load("SES", "mails", mails, have.mails, "a quota; mails only come later"),
        load(
            "the orders table",
            "units",
            rate * order.units.orders,
            have.table_units,
            "a quota; warm throughput before a peak",
        ),
        load("the bus, PutEvents", "requests", put_requests(order, have, work, rate), have.bus_requests, quota),
        load("the bus, deliveries", "deliveries", rate * order.deliveries, have.bus_invocations, quota),
        load("API Gateway", "requests", rate * order.api_requests, have.api_requests, quota),
        load("Lambda, all functions", "at once", rate * busy / 1_000.0, have.lambda_concurrency, quota),
        load("payments' queue, gateway away a minute", "in flight", rate * 60.0, have.in_flight, waiting),
    ]
}

/// Orders of one sku that wait at the same time share a transaction; at a low rate each has its own.
fn orders_a_transaction(order: &Order, have: &Resources, rate: f64) -> f64 {
    let orders_a_second = rate * order.share_of_top_sku;
    (orders_a_second / have.consumer_concurrency / 10.0).clamp(1.0, have.sku_batch)
}

/// A relay sends what came together, up to ten events a request.
fn put_requests(order: &Order, have: &Resources, work: &Work, rate: f64) -> f64 {
    let events = rate * order.bus_events;
    let shards = 3.0 * partitions(have, rate * order.units.payments);
    let together = events / shards * (relay_takes(work, 10.0) / 1_000.0);
    events / together.clamp(1.0, 10.0)
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;

    fn first(rate: f64) -> Load {
        let settings = Settings::read().unwrap();
        loads(&settings.order, &settings.work, &settings.deployed, rate).swap_remove(0)
    }

    #[test]
    fn the_mails_and_the_gateway_limit_before_anything_of_ours() {
        assert_eq!(first(10.0).name, "SES");
        assert!(first(10.0).share() < 1.0, "ten orders a second need no change");
        let settings = Settings::read().unwrap();
        let over = loads(&settings.order, &settings.work, &settings.deployed, 49.0);
        let over: Vec<_> = over.iter().filter(|load| load.share() > 1.0).map(|load| load.name).collect();
        assert_eq!(over, ["SES"], "the gateway takes a hundred writes a second, two for each order");
    }

    #[test]
    fn four_due_shards_carry_two_thousand_orders_a_second() {
        let settings = Settings::read().unwrap();
        let at = |rate| {
            let loads = loads(&settings.order, &settings.work, &settings.deployed, rate);
            loads.into_iter().find(|load| load.name == "index of due orders").unwrap().share()
        };
        assert!((at(2_000.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_changes_for_a_rate_suffice_for_it() {
        let settings = Settings::read().unwrap();
        for rate in [1_000.0, 50_000.0] {
            let changed = settings.changed(rate).unwrap();
            let loads = loads(&settings.order, &settings.work, &changed, rate);
            let over: Vec<_> = loads.iter().filter(|load| load.share() > 1.0).map(|load| load.name).collect();
            let known =
                ["index of attention", "the same, while the gateway is away", "payments' queue, gateway away a minute"];
            assert!(over.iter().all(|name| known.contains(name)), "{rate}: {over:?}");
        }
    }

    #[test]
    fn what_an_order_asks_is_what_was_counted() {
        let lock = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/cost.lock"));
        let lock = omsctl::cost::lock::Lock::read(lock).unwrap();
        let services = &lock.paths["paid"]["1"];
        let services = || lock.order_services.iter().map(|name| &services[name]);
        let units = |name: &str| services().filter_map(|it| it.write_units.get(name)).sum::<u64>();
        let sum = |of: fn(&omsctl::cost::lock::Counts) -> u64| services().map(of).sum::<u64>();
        let order = Settings::read().unwrap().order;
        for (declared, counted) in [
            (order.deliveries, sum(|it| it.deliveries)),
            (order.bus_events, sum(|it| it.events.values().sum())),
            (order.units.orders, units("orders")),
            (order.units.reservations, units("reservations")),
            (order.units.payments, units("payments")),
            (order.units.deliveries, units("deliveries")),
            (order.due_units.orders, units("orders/due")),
            (order.due_units.reservations, units("reservations/due")),
        ] {
            assert!((declared - f64::from(u32::try_from(counted).unwrap())).abs() < 1e-9, "{declared} {counted}");
        }
        let records = order.records;
        let records = records.orders + records.reservations + records.payments + records.deliveries;
        assert!((records - f64::from(u32::try_from(sum(|it| it.stream_records)).unwrap())).abs() < 1e-9, "{records}");
    }
}
