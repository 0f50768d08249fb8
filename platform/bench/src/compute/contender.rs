//! Who is measured: the shipped functions and their peers, each with what it is invoked with.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// The name of the peer that is written by hand.
pub const FLOOR: &str = "floor";

/// How many messages a full batch holds.
pub const BATCH: u32 = 10;

/// One program in one role.
pub struct Contender {
    /// What the report calls it.
    pub name: &'static str,
    /// What is started.
    pub program: PathBuf,
    arguments: Vec<PathBuf>,
    role: &'static str,
    service: &'static str,
    /// The first invocation; none where only the start is measured.
    pub first: Option<Arc<str>>,
    /// The invocation that is repeated, [`BATCH`] messages, each of one GetItem and one PutItem.
    pub batch: Option<Arc<str>>,
    /// What is shipped; none for a peer.
    pub ships: bool,
}

/// Where things are.
pub struct Places {
    /// The repository's root.
    pub root: PathBuf,
    /// The folder with the services' bootstraps.
    pub services: PathBuf,
    /// The folder with the floor.
    pub peers: PathBuf,
    /// The Python that has boto3.
    pub python: PathBuf,
}

/// The function that takes an order, invoked once before all others: what it writes is what they read.
pub fn api(places: &Places) -> Result<Contender> {
    let first = sample(places, "orders", "api-place-order")?.to_string();
    Ok(Contender { first: Some(first.into()), ..shipped(places, "orders api", "orders", "api") })
}

/// Everyone; the first two are each other's peers.
pub fn all(places: &Places, order: &str) -> Result<Vec<Contender>> {
    let events = sample(places, "orders", "events-inventory-reserved")?;
    let (first, batch) = (messages(&events, order, 1)?, messages(&events, order, BATCH)?);
    let handled =
        |contender| Contender { first: Some(Arc::clone(&first)), batch: Some(Arc::clone(&batch)), ..contender };
    let relayed = sample(places, "orders", "relay-order-created")?.to_string();
    Ok(vec![
        handled(shipped(places, "orders events", "orders", "events")),
        handled(peer(&places.python, "boto3", vec![places.root.join("platform/bench/workers/boto3_worker.py")])),
        handled(peer(&places.peers.join("bench-floor"), FLOOR, vec![])),
        api(places)?,
        Contender { first: Some(relayed.into()), ..shipped(places, "orders relay", "orders", "relay") },
        shipped(places, "payments events", "payments", "events"),
    ])
}

fn shipped(places: &Places, name: &'static str, service: &'static str, role: &'static str) -> Contender {
    let program = places.services.join(service);
    Contender { name, program, arguments: vec![], role, service, first: None, batch: None, ships: true }
}

fn peer(program: &Path, name: &'static str, arguments: Vec<PathBuf>) -> Contender {
    let program = program.to_owned();
    Contender { name, program, arguments, role: "events", service: "orders", first: None, batch: None, ships: false }
}

fn sample(places: &Places, service: &str, name: &str) -> Result<Value> {
    let path = places.root.join(format!("services/{service}/events/{name}.json"));
    let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// The first message of a sample as often as asked, each about an order of its own.
fn messages(sample: &Value, order: &str, count: u32) -> Result<Arc<str>> {
    let record = sample["Records"][0].to_string();
    ensure!(record.contains(order), "the sample is not about {order}, the order of the API's sample");
    let records = (0..count).map(|number| {
        let of_its_own = format!("{}{number:04}", order.get(..order.len() - 4).unwrap_or_default());
        serde_json::from_str::<Value>(&record.replace(order, &of_its_own))
    });
    Ok(json!({ "Records": records.collect::<Result<Vec<_>, _>>()? }).to_string().into())
}

impl Contender {
    /// The program with the environment that Lambda and the template give it, and nothing else.
    /// A `launcher`, such as valgrind, starts it.
    pub fn command(&self, launcher: &[String], runtime_api: &str, aws: &str, authorities: &Path) -> Command {
        let mut command = match launcher {
            [] => Command::new(&self.program),
            [launcher, options @ ..] => {
                let mut command = Command::new(launcher);
                command.args(options).arg(&self.program);
                command
            }
        };
        command.args(&self.arguments).env_clear().envs(LAMBDA).envs(TEMPLATE);
        command.env("AWS_LAMBDA_RUNTIME_API", runtime_api).env("AWS_ENDPOINT_URL", aws);
        command.env("SSL_CERT_FILE", authorities).env("AWS_CA_BUNDLE", authorities);
        command.env("_HANDLER", self.role).env("SERVICE", self.service);
        command
    }
}

const LAMBDA: [(&str, &str); 10] = [
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("LANG", "en_US.UTF-8"),
    ("TZ", ":UTC"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_DEFAULT_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    ("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjEXAMPLETOKEN"),
    ("AWS_LAMBDA_FUNCTION_NAME", "oms-bench"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
];

const TEMPLATE: [(&str, &str); 17] = [
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("STAGE", "bench"),
    ("TABLE", "oms-bench-orders"),
    ("HISTORY_TABLE", "oms-bench-order-history"),
    ("BUS", "oms-bench"),
    ("QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/000000000000/oms-bench-orders"),
    ("DLQ_URL", "https://sqs.us-east-1.amazonaws.com/000000000000/oms-bench-orders-dlq"),
    ("MAX_RECEIVES", "720"),
    ("URGENT_SECONDS", "900"),
    ("GIVE_UP_SECONDS", "259200"),
    ("PAY_BY_SECONDS", "3600"),
    ("SETTLE_WITHIN_SECONDS", "600"),
    ("GATEWAY_URL", "https://gateway.invalid"),
    ("GATEWAY_SECRET", "oms/bench/gateway-key"),
    ("GATEWAY_TIMEOUT_MS", "10000"),
    ("MAX_ATTEMPTS", "3"),
    ("RETRY_BACKOFF_SECONDS", "2"),
];
