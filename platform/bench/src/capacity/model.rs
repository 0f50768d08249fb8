//! A discrete-event model of the paid path: orders arrive at random, wait for relays and consumers that are busy, and are
//! delayed by every hop. It knows the batches, the concurrency and the gateway's rate; what it does not know (cold starts,
//! throttling, DynamoDB's splitting of partitions under way) makes the real system slower for a while, not in the long run.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use fastrand::Rng;

use super::limits::{partitions, relay_takes};
use super::settings::{Quantiles, Resources, Settings};

/// Microseconds since the run began.
type Time = u64;

/// How a rate ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Orders end as fast as they come.
    Settles { p50: f64, p99: f64, busiest: String },
    /// A station is slower than its arrivals.
    Grows { first: String, behind: f64 },
}

/// Where an order's messages wait. Each step of [`PATH`] names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Station {
    OrdersRelay,
    InventoryRelay,
    PaymentsRelay,
    Inventory,
    Payments,
    Orders,
}

const STATIONS: [(Station, &str); 6] = [
    (Station::OrdersRelay, "orders' relay"),
    (Station::InventoryRelay, "inventory's relay"),
    (Station::PaymentsRelay, "payments' relay"),
    (Station::Inventory, "inventory"),
    (Station::Payments, "payments"),
    (Station::Orders, "orders"),
];

/// The stations from POST to COMPLETED, one after the other. What runs beside the path and delays nobody on it (the order's
/// own InventoryReserved, payments' OrderCreated, the mail) is the load of its station, not a step: see [`beside`].
const PATH: [Station; 10] = [
    Station::OrdersRelay,    // OrderCreated
    Station::Inventory,      // reserves
    Station::InventoryRelay, // InventoryReserved
    Station::Payments,       // charges
    Station::PaymentsRelay,  // PaymentSucceeded
    Station::Orders,         // confirms
    Station::OrdersRelay,    // OrderConfirmed
    Station::Inventory,      // commits
    Station::InventoryRelay, // InventoryCommitted
    Station::Orders,         // completes
];

/// A message that leaves the path: the station that handles it besides, after the relay of this step.
fn beside(step: usize) -> Option<Station> {
    match step {
        0 => Some(Station::Payments), // OrderCreated: keeps the terms
        2 => Some(Station::Orders),   // InventoryReserved: notes the hold
        _ => None,
    }
}

/// One message at a station; without a step it is beside the path.
#[derive(Debug, Clone, Copy)]
struct Message {
    order: usize,
    step: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives { station: usize, lane: usize, order: usize, step: Option<usize> },
    Free { station: usize, lane: usize },
}

/// A station: lanes with a queue each; a relay has one for each shard, a consumer one for all.
#[derive(Debug)]
struct Servers {
    lanes: Vec<Lane>,
    batch: usize,
    busy: f64,
    capacity: f64,
}

#[derive(Debug, Clone)]
struct Lane {
    queue: VecDeque<Message>,
    free: usize,
}

/// How many orders a run has, and how many of the first are not counted.
const ORDERS: usize = 40_000;
const WARM_UP: usize = 8_000;

struct Run<'a> {
    settings: &'a Settings,
    rng: Rng,
    events: BinaryHeap<Reverse<(Time, Event)>>,
    stations: Vec<Servers>,
    /// When the gateway takes its next write.
    gateway_free: f64,
    gateway_pause: f64,
    placed: Vec<Time>,
    ended: Vec<Time>,
}

/// Runs the model at a rate of orders a second.
#[must_use]
pub fn simulate(settings: &Settings, have: &Resources, rate: f64, seed: u64) -> Outcome {
    let mut run = Run::new(settings, have, rate, seed);
    let last_arrival = run.arrive(rate);
    let end = run.until_empty();
    run.outcome(rate, last_arrival, end)
}

impl<'a> Run<'a> {
    fn new(settings: &'a Settings, have: &Resources, rate: f64, seed: u64) -> Self {
        let station = |station: &(Station, &str)| match station.0 {
            Station::OrdersRelay => relay(have, rate * settings.order.units.orders),
            Station::InventoryRelay => relay(have, rate * settings.order.units.reservations),
            Station::PaymentsRelay => relay(have, rate * settings.order.units.payments),
            Station::Inventory | Station::Payments | Station::Orders => consumer(have),
        };
        Self {
            settings,
            rng: Rng::with_seed(seed),
            events: BinaryHeap::new(),
            stations: STATIONS.iter().map(station).collect(),
            gateway_free: 0.0,
            gateway_pause: 1e6 / have.gateway_writes,
            placed: Vec::with_capacity(ORDERS),
            ended: vec![0; ORDERS],
        }
    }

    /// Places all orders, with exponential pauses between them; the time of the last.
    fn arrive(&mut self, rate: f64) -> Time {
        let mut now = 0.0;
        for order in 0..ORDERS {
            now += -(1.0 - self.share()).ln() / rate * 1e6;
            self.placed.push(micros(now));
            let written = now + self.settings.work.api * 1e3;
            self.send(written, order, Some(0));
        }
        micros(now)
    }

    /// Sends a message on its hop to the station of its step.
    fn send(&mut self, now: f64, order: usize, step: Option<usize>) {
        let Some(number) = step else { return };
        let station = PATH[number];
        let hops = self.settings.hops;
        let delay =
            if is_relay(station) { self.hop(&hops.stream) } else { self.hop(&hops.bus) + self.hop(&hops.queue) };
        self.arrival(now + delay, station, order, step);
    }

    fn arrival(&mut self, at: f64, station: Station, order: usize, step: Option<usize>) {
        let station = index(station);
        let lane = order % self.stations[station].lanes.len();
        self.events.push(Reverse((micros(at), Event::Arrives { station, lane, order, step })));
    }

    fn until_empty(&mut self) -> Time {
        let mut now = 0;
        while let Some(Reverse((at, event))) = self.events.pop() {
            now = at;
            match event {
                Event::Arrives { station, lane, order, step } => {
                    self.stations[station].lanes[lane].queue.push_back(Message { order, step });
                    self.start(at, station, lane);
                }
                Event::Free { station, lane } => {
                    self.stations[station].lanes[lane].free += 1;
                    self.start(at, station, lane);
                }
            }
        }
        now
    }

    /// Lets a free server take a batch.
    fn start(&mut self, now: Time, station: usize, lane: usize) {
        let servers = &mut self.stations[station];
        let waiting = &mut servers.lanes[lane];
        if waiting.free == 0 || waiting.queue.is_empty() {
            return;
        }
        waiting.free -= 1;
        let batch: Vec<Message> = waiting.queue.drain(..waiting.queue.len().min(servers.batch)).collect();
        let begun = micros_f64(now);
        let takes = self.takes(begun, STATIONS[station].0, &batch);
        self.stations[station].busy += takes;
        self.events.push(Reverse((micros(begun + takes), Event::Free { station, lane })));
        for message in batch {
            self.goes_on(begun + takes, message);
        }
    }

    /// How long a batch keeps its server, in microseconds. The messages of a consumer's batch are handled side by side.
    fn takes(&mut self, begun: f64, station: Station, batch: &[Message]) -> f64 {
        let work = self.settings.work;
        if is_relay(station) {
            #[expect(clippy::cast_precision_loss, reason = "a batch has at most a hundred records")]
            return 1e3 * relay_takes(&work, batch.len() as f64);
        }
        let mut longest = work.message * 1e3;
        let charges = batch.iter().filter(|message| station == Station::Payments && message.step.is_some()).count();
        for _ in 0..charges {
            for _ in 0..2 {
                self.gateway_free = self.gateway_free.max(begun) + self.gateway_pause;
            }
            longest = longest.max(self.gateway_free - begun + (work.message + 2.0 * work.gateway_call) * 1e3);
        }
        longest
    }

    fn goes_on(&mut self, now: f64, message: Message) {
        let Message { order, step: Some(step) } = message else { return };
        if let Some(station) = beside(step) {
            let hops = self.settings.hops;
            let delay = self.hop(&hops.bus) + self.hop(&hops.queue);
            self.arrival(now + delay, station, order, None);
        }
        if step + 1 == PATH.len() {
            self.ended[order] = micros(now);
        } else {
            self.send(now, order, Some(step + 1));
        }
    }

    fn outcome(&self, rate: f64, last_arrival: Time, end: Time) -> Outcome {
        let span = micros_f64(end);
        let busiest = STATIONS
            .iter()
            .zip(&self.stations)
            .max_by(|(_, one), (_, other)| (one.busy / one.capacity).total_cmp(&(other.busy / other.capacity)));
        let busiest = busiest.map(|((_, name), servers)| (*name, servers.busy / servers.capacity / span));
        let (name, load) = busiest.unwrap_or(("nothing", 0.0));
        let took: Vec<f64> =
            (WARM_UP..ORDERS).map(|order| micros_f64(self.ended[order] - self.placed[order]) / 1e3).collect();
        let (early, late) = took.split_at(took.len() / 2);
        let (early, late) = (Quantiles::of(early).p50, Quantiles::of(late).p50);
        // Who keeps up ends the later half as fast as the earlier one.
        if late > 1.5 * early {
            #[expect(clippy::cast_precision_loss, reason = "forty thousand orders")]
            let drained = ORDERS as f64 / (micros_f64(end.max(last_arrival)) / 1e6);
            let gateway_behind = self.gateway_free > micros_f64(last_arrival);
            let first = if gateway_behind { "the gateway".to_owned() } else { name.to_owned() };
            return Outcome::Grows { first, behind: rate - drained.min(rate) };
        }
        let Quantiles { p50, p99, .. } = Quantiles::of(&took);
        Outcome::Settles { p50, p99, busiest: format!("{name}, {:.0}% busy", 100.0 * load) }
    }

    fn hop(&mut self, hop: &Quantiles) -> f64 {
        hop.at(self.share()) * 1e3
    }

    fn share(&mut self) -> f64 {
        self.rng.f64()
    }
}

fn relay(have: &Resources, records_a_second: f64) -> Servers {
    let shards = whole(partitions(have, records_a_second));
    let (free, batch) = (whole(have.parallelization_factor), whole(have.relay_batch));
    let capacity = partitions(have, records_a_second) * have.parallelization_factor;
    Servers { lanes: vec![Lane { queue: VecDeque::new(), free }; shards], batch, busy: 0.0, capacity }
}

fn consumer(have: &Resources) -> Servers {
    let lane = Lane { queue: VecDeque::new(), free: whole(have.consumer_concurrency) };
    Servers { lanes: vec![lane], batch: whole(have.consumer_batch), busy: 0.0, capacity: have.consumer_concurrency }
}

fn is_relay(station: Station) -> bool {
    matches!(station, Station::OrdersRelay | Station::InventoryRelay | Station::PaymentsRelay)
}

fn index(station: Station) -> usize {
    STATIONS.iter().position(|(known, _)| *known == station).unwrap_or_default()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time of a run is small and not negative"
)]
fn micros(time: f64) -> Time {
    time.max(0.0) as Time
}

#[expect(clippy::cast_precision_loss, reason = "a run is shorter than a century")]
fn micros_f64(time: Time) -> f64 {
    time as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of servers are small whole numbers"
)]
fn whole(count: f64) -> usize {
    count.max(1.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(rate: f64, have: Option<Resources>) -> Outcome {
        let settings = Settings::read().unwrap();
        simulate(&settings, &have.unwrap_or(settings.deployed), rate, 7)
    }

    #[test]
    fn without_waiting_an_order_takes_the_sum_of_its_hops() {
        let settings = Settings::read().unwrap();
        let (hops, work) = (settings.hops, settings.work);
        let sum = work.api
            + 5.0
                * (hops.stream.p50 + work.relay_fixed + work.relay_put + hops.bus.p50 + hops.queue.p50 + work.message)
            + 2.0 * work.gateway_call;
        let Outcome::Settles { p50, p99, .. } = at(1.0, None) else { panic!("one order a second settles") };
        assert!(
            (0.95..1.25).contains(&(p50 / sum)),
            "{p50} against {sum}: medians add up to a little less than the median"
        );
        assert!(p99 > p50);
    }

    #[test]
    fn the_gateway_is_the_first_to_fall_behind() {
        let Outcome::Grows { first, behind } = at(100.0, None) else { panic!("twice the gateway's rate") };
        assert_eq!(first, "the gateway");
        assert!((30.0..70.0).contains(&behind), "{behind}");
    }

    #[test]
    fn the_changes_for_a_rate_let_it_settle() {
        let settings = Settings::read().unwrap();
        for rate in [1_000.0, 50_000.0] {
            let outcome = at(rate, settings.changed(rate));
            assert!(matches!(outcome, Outcome::Settles { .. }), "{rate}: {outcome:?}");
        }
    }

    #[test]
    fn a_seed_repeats_exactly() {
        assert_eq!(at(10.0, None), at(10.0, None));
    }
}
