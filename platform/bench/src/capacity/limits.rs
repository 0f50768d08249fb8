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
    let load = |name, unit, asked: f64, there: f64, remedy| Load { name, unit, asked, there, remedy };
    let batches = have.consumer_concurrency * have.consumer_batch;
    let consumer = |takes: f64| 1_000.0 * batches / takes;
    let relay = |writes: f64| {
        let shards = partitions(have, rate * writes) * have.parallelization_factor;
        shards * have.relay_batch * 1_000.0 / relay_takes(work, have.relay_batch)
    };
    let due = PARTITION_UNITS * have.due_shards;
    let relay_remedy = "ParallelizationFactor, up to 10: no cost, and an item's events stay in order";
    let consumer_remedy = "MaximumConcurrency, and the account's quota with it: no cost of its own";
    let due_remedy = "more due shards in chassis: no cost but the sweep's queries";
    let bus_remedy = "a quota; no cost of its own";
    let (message, charge) = (work.message, charge_takes(work));
    let invocations = order.deliveries / have.consumer_batch;
    let busy = work.api
        + invocations * message
        + charge / have.consumer_batch
        + order.bus_events * relay_takes(work, 10.0) / 10.0;
    let mut loads = vec![
        load(
            "the gateway",
            "writes",
            rate * order.gateway_writes,
            have.gateway_writes,
            "the gateway's contract: ask weeks ahead",
        ),
        load("SES", "mails", rate * order.mails, have.mails, "a quota; mails only come later"),
        load("payments, while it charges", "messages", rate * 2.0, consumer(charge), consumer_remedy),
        load("orders, its queue", "messages", rate * 3.0, consumer(message), consumer_remedy),
        load("inventory, its queue", "messages", rate * 2.0, consumer(message), consumer_remedy),
        load("notifications, its queue", "messages", rate, consumer(message + work.mail), consumer_remedy),
        load("orders, its relay", "records", rate * order.writes.orders, relay(order.writes.orders), relay_remedy),
        load(
            "inventory, its relay",
            "records",
            rate * order.writes.reservations,
            relay(order.writes.reservations),
            relay_remedy,
        ),
        load(
            "payments, its relay",
            "records",
            rate * order.writes.payments,
            relay(order.writes.payments),
            relay_remedy,
        ),
        load(
            "notifications, its relay",
            "records",
            rate * order.writes.deliveries,
            relay(order.writes.deliveries),
            relay_remedy,
        ),
        load("index of due orders", "units", rate * order.due_writes.orders, due, due_remedy),
        load("index of due reservations", "units", rate * order.due_writes.reservations, due, due_remedy),
        load(
            "one sku that sells best",
            "units",
            rate * order.share_of_top_sku * TRANSACTION / orders_a_transaction(order, have, rate),
            PARTITION_UNITS * have.stock_items,
            "spread its stock over several items: work in inventory",
        ),
        load(
            "index of attention (one key)",
            "units",
            rate * order.needs_attention,
            PARTITION_UNITS,
            "shards, as the index of due items has",
        ),
        load(
            "the same, while the gateway is away",
            "units",
            rate,
            PARTITION_UNITS,
            "shards, as the index of due items has",
        ),
        load(
            "the orders table",
            "units",
            rate * order.writes.orders,
            have.table_units,
            "a quota; warm throughput before a peak",
        ),
        load("the bus, PutEvents", "requests", put_requests(order, have, work, rate), have.bus_requests, bus_remedy),
        load("the bus, deliveries", "deliveries", rate * order.deliveries, have.bus_invocations, bus_remedy),
        load("API Gateway", "requests", rate * order.api_requests, have.api_requests, "a quota; no cost of its own"),
        load(
            "Lambda, all functions",
            "at once",
            rate * busy / 1_000.0,
            have.lambda_concurrency,
            "a quota; no cost of its own",
        ),
        load(
            "payments' queue, gateway away a minute",
            "in flight",
            rate * 60.0,
            have.in_flight,
            "a delay on the queue while the gateway is known to be away",
        ),
    ];
    loads.sort_by(|one, other| other.share().total_cmp(&one.share()));
    loads
}

/// Orders of one sku that wait at the same time share a transaction; at a low rate each has its own.
fn orders_a_transaction(order: &Order, have: &Resources, rate: f64) -> f64 {
    let orders_a_second = rate * order.share_of_top_sku;
    (orders_a_second / have.consumer_concurrency / 10.0).clamp(1.0, have.sku_batch)
}

/// A relay sends what came together, up to ten events a request.
fn put_requests(order: &Order, have: &Resources, work: &Work, rate: f64) -> f64 {
    let events = rate * order.bus_events;
    let shards = 3.0 * partitions(have, rate * order.writes.payments);
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
            let known = [
                "index of attention (one key)",
                "the same, while the gateway is away",
                "payments' queue, gateway away a minute",
            ];
            assert!(over.iter().all(|name| known.contains(name)), "{rate}: {over:?}");
        }
    }
}
