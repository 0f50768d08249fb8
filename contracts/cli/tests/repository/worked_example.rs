//! How a type is replaced, from beginning to end. `OrderCreated.v2` joins `OrderCreated.v1`, both published from one
//! fact. v1 is deprecated, a consumer moves, the sunset comes, the last consumer moves, v1 is retired.

use std::collections::BTreeMap;

use contracts::catalogue::entry;
use contracts::declaration::{Declaration, unproven};
use contracts::ids::{Currency, OrderId};
use contracts::{ContractError, Envelope, Header, Reads, Received, Samples, orders};
use contracts_cli::check::Rule;
use contracts_cli::judge::Bump;
use contracts_cli::release::ReleaseError;
use serde::Deserialize;
use serde_json::Value;

use crate::repository::Repository;
use crate::retiring::retire;
use crate::successor::{DeprecatedOrderCreated, Money, OrderCreated};

const V1: &str = "OrderCreated.v1";
pub const V2: &str = "OrderCreated.v2";
pub const SUNSET: &str = "2027-03-31";

pub const MAILING_ON_V2: &str = r#"
service = "mailing"
source = "oms.mailing"
envelope = ["/id", "/source", "/type"]
[consumes."OrderCreated.v2"]
reads = ["/data/orderId", "/data/total/amount", "/data/total/currency"]
[consumes."OrderCompleted.v1"]
reads = ["/data/orderId"]
"#;

pub const SHIPPING_ON_V2: &str = r#"
service = "shipping"
source = "oms.shipping"
envelope = ["/id", "/source", "/type"]
[consumes."OrderCreated.v2"]
reads = ["/data/orderId", "/data/lines/*/sku"]
"#;

// The producer: one fact, two events.

fn published(fact: &orders::OrderCreated, emitted: u64) -> [String; 2] {
    let header = |place: u64| Header {
        time: fact.placed_at,
        correlation_id: "cor_1".into(),
        causation_id: "cmd_1".into(),
        traceparent: None,
        hops: 0,
        sequence: emitted + place,
    };
    [
        Envelope::new(DeprecatedOrderCreated(fact.clone()), header(1)).to_json(),
        Envelope::new(OrderCreated::from(fact), header(2)).to_json(),
    ]
}

// The consumer: one fact, from a view of either major.

/// The fact that mailing reads from either major.
#[derive(Debug, Clone, PartialEq)]
struct Placed {
    order_id: OrderId,
    total: u64,
    currency: Currency,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InV1 {
    order_id: OrderId,
    total: u64,
    currency: Currency,
}

impl Reads for InV1 {
    type Event = orders::OrderCreated;
}

impl From<InV1> for Placed {
    fn from(InV1 { order_id, total, currency }: InV1) -> Self {
        Self { order_id, total, currency }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InV2 {
    order_id: OrderId,
    total: Money,
}

impl Reads for InV2 {
    type Event = OrderCreated;
}

impl From<InV2> for Placed {
    fn from(InV2 { order_id, total: Money { amount, currency } }: InV2) -> Self {
        Self { order_id, total: amount, currency }
    }
}

/// While the consumer moves, it reads both majors: its queue may hold the old one when its rule names the new one.
fn placed(event_type: &str, text: &str) -> Result<Placed, ContractError> {
    match event_type {
        V1 => Received::<InV1>::parse(text).map(|received| received.data.into()),
        _ => Received::<InV2>::parse(text).map(|received| received.data.into()),
    }
}

struct Mailing {
    declaration: Declaration,
    known: BTreeMap<OrderId, Placed>,
    handled: usize,
}

impl Mailing {
    fn declaring(text: &str) -> Self {
        Self { declaration: Declaration::parse(text).unwrap(), known: BTreeMap::new(), handled: 0 }
    }

    /// Its rule routes the types that it declares. It remembers facts by order, so another event about the same fact
    /// changes nothing.
    fn receive(&mut self, text: &str) {
        let event: Value = serde_json::from_str(text).unwrap();
        let event_type = event["type"].as_str().unwrap();
        if self.declaration.consumes.contains_key(event_type) {
            let placed = placed(event_type, text).unwrap();
            self.handled += usize::from(self.known.insert(placed.order_id.clone(), placed).is_none());
        }
    }
}

fn orders_of_a_day() -> Vec<orders::OrderCreated> {
    let sample = orders::OrderCreated::samples().remove(0);
    let numbered = |number: u32| {
        let order_id = format!("ord_8c5b1f0e-5c0e-5f3a-9a51-{number:012x}").try_into().unwrap();
        orders::OrderCreated { order_id, ..sample.clone() }
    };
    (1..=10).map(numbered).collect()
}

#[test]
fn one_fact_is_published_as_two_events_of_the_same_cause() {
    let fact = orders::OrderCreated::samples().remove(0);
    let [old, new] = published(&fact, 4).map(|text| serde_json::from_str::<Value>(&text).unwrap());
    assert_eq!((&old["type"], &new["type"]), (&V1.into(), &V2.into()));
    assert_eq!((&old["sequence"], &new["sequence"]), (&"0000000005".into(), &"0000000006".into()));
    assert_ne!(old["id"], new["id"]);
    for same in ["source", "subject", "time", "correlationid", "causationid"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    for (event, schema) in [(old, entry::<DeprecatedOrderCreated>().schema), (new, entry::<OrderCreated>().schema)] {
        let validator = contracts::validate::validator(&schema).unwrap();
        assert_eq!(contracts::validate::violations(&validator, &event), []);
    }
}

#[test]
fn both_views_read_the_same_fact_and_their_declarations_are_true() {
    let repository = Repository::new();
    let on_v1 = repository.read("services/mailing/events.toml");
    for (text, entry) in [(on_v1.as_str(), entry::<DeprecatedOrderCreated>()), (MAILING_ON_V2, entry::<OrderCreated>())]
    {
        let (declaration, event_type) = (Declaration::parse(text).unwrap(), entry.event_type);
        let read = |text: &str| placed(event_type, text);
        assert_eq!(unproven(&declaration, event_type, &entry.schema, &entry.samples[0], read), Vec::<String>::new());
    }
    for fact in orders_of_a_day() {
        let [old, new] = published(&fact, 0);
        assert_eq!(placed(V1, &old).unwrap(), placed(V2, &new).unwrap());
    }
}

#[test]
fn a_consumer_that_moves_handles_each_order_once() {
    let repository = Repository::new();
    let bus: Vec<String> = orders_of_a_day().iter().flat_map(|fact| published(fact, 0)).collect();
    let (morning, rest) = bus.split_at(8);

    let mut mailing = Mailing::declaring(&repository.read("services/mailing/events.toml"));
    for event in morning {
        mailing.receive(event);
    }
    assert_eq!((mailing.handled, mailing.known.len()), (4, 4), "it consumes only v1 while both are published");

    // from here on the rule names the new major; the earlier events are replayed
    mailing.declaration = Declaration::parse(MAILING_ON_V2).unwrap();
    for event in rest.iter().chain(morning) {
        mailing.receive(event);
    }
    assert_eq!((mailing.handled, mailing.known.len()), (10, 10));
}

#[test]
fn a_type_is_superseded_deprecated_and_retired() {
    let repository = Repository::released();

    // the successor is published too, and the old type is deprecated
    repository.publish(&entry::<OrderCreated>());
    repository.publish(&entry::<DeprecatedOrderCreated>());
    let both = "service = \"orders\"\nsource = \"oms.orders\"\n\
                produces = [\"OrderCreated.v1\", \"OrderCreated.v2\", \"OrderCompleted.v1\"]";
    repository.declare("orders", both);
    let report = repository.check("2026-12-01").unwrap();
    let found: Vec<_> =
        report.differences.iter().map(|it| (it.event_type.as_str(), it.what.as_str(), it.release)).collect();
    let end = "the type is deprecated and ends on 2027-03-31";
    assert_eq!(found, [(V1, end, Bump::Minor), (V2, "the type is new", Bump::Minor)]);
    assert!(report.passes());
    let warning = "OrderCreated.v1 ends on 2027-03-31; move to OrderCreated.v2: mailing, shipping";
    repository.run(&["check", "--today", "2026-12-01"]).prints(0, &[&format!("deprecated  {warning}")]);
    repository.release("1.1.0", "2026-12-01").unwrap();

    // one consumer moves; the sunset comes, and the other still consumes it
    repository.declare("mailing", MAILING_ON_V2);
    assert_eq!(repository.check("2027-03-30").unwrap().warnings[0].consumers, ["shipping"]);
    let report = repository.check(SUNSET).unwrap();
    assert!(matches!(&report.problems[0].rule, Rule::SunsetPassed { consumers, .. } if consumers == &["shipping"]));
    let error = "contracts/schemas/OrderCreated.v1.json: OrderCreated.v1: its sunset was 2027-03-31, and shipping still \
                consumes it: move to OrderCreated.v2";
    repository.run(&["check", "--today", SUNSET]).prints(1, &[error]);

    // it moves too
    repository.declare("shipping", SHIPPING_ON_V2);
    let warning = "OrderCreated.v1 ended on 2027-03-31 and has no consumers: you can retire it";
    repository.run(&["check", "--today", SUNSET]).prints(0, &[warning, "No release is due"]);

    // its producer stops
    retire(&repository);
    let report = repository.check(SUNSET).unwrap();
    assert!(report.passes(), "{report:#?}");
    assert_eq!(
        (report.differences[0].what.as_str(), report.differences[0].release),
        ("the type is retired", Bump::Major)
    );
    assert!(matches!(repository.release("1.2.0", SUNSET), Err(ReleaseError::Version { .. })));
    repository.announce("2.0.0", SUNSET);
    repository.run(&["release", "2.0.0", "--today", SUNSET]).prints(0, &["released 2.0.0: 1 new file"]);
    assert!(repository.read("contracts/releases/schemas/OrderCreated.v1.1.json").contains("x-sunset"));
    repository.run(&["check", "--today", SUNSET]).prints(0, &["0 differences"]);
}
