//! The stage that a test of the whole system has for itself until it ends.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use omsctl::aws::Aws;
use omsctl::client::Client;
use omsctl::dlq;
use omsctl::repository::Repository;
use omsctl::staff_api::{StaffApi, Tokens};
use omsctl::system::System;
use serde_json::Value;
use testkit::{Stage, eventually, unique};

use crate::invariants::id;

/// The pause between two comparisons of orders that have settled.
pub const AT_REST: Duration = Duration::from_millis(300);

/// The description files of the stages that no test uses.
static FREE: LazyLock<(Mutex<Vec<PathBuf>>, Condvar)> = LazyLock::new(|| (Mutex::new(Stage::files()), Condvar::new()));

/// The folder in which cargo put this test's binaries, `omsctl` among them.
pub fn binaries() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let binaries = test.ancestors().nth(2).unwrap();
    assert!(binaries.join("omsctl").is_file(), "{} has no omsctl: run `just test-deployed system`", binaries.display());
    binaries.to_owned()
}

/// A stage, and everything that a test needs to use it.
pub struct World {
    pub client: Client,
    pub aws: Aws,
    pub stage: Stage,
    pub staff: StaffApi,
    _lease: Lease,
}

impl World {
    /// Waits for a free stage and takes it. As many tests run side by side as there are stages, and each may do anything
    /// with its own. A test opens one world at a time.
    pub async fn open() -> Self {
        let lease = Lease::take();
        let stage = Stage::from_file(&lease.file).await;
        let system: System = stage.description();
        let (aws, repository) = (system.connect().await, Repository::find().unwrap());
        let staff = StaffApi::sign_in(&repository, &aws, system.clone(), Tokens::default()).await.unwrap();
        let client = Client::sign_in(&repository, &aws, system).await.unwrap();
        client.set_contact("ada").await.unwrap();
        Self { client, aws, stage, staff, _lease: lease }
    }

    /// Waits until no other test uses a stage and takes all of them.
    pub async fn every() -> Vec<Self> {
        let mut worlds = Vec::new();
        for _ in Stage::files() {
            worlds.push(Self::open().await);
        }
        worlds
    }

    /// Whether every dead-letter queue is empty.
    pub async fn no_dead_letters(&self) -> bool {
        dlq::counts(&self.aws, &self.client.system).await.unwrap().values().all(|count| *count == 0)
    }

    /// Whether every queue is empty, dead-letter queues included.
    pub async fn drained(&self) -> bool {
        use aws_sdk_sqs::types::QueueAttributeName::{
            ApproximateNumberOfMessages as Seen, ApproximateNumberOfMessagesNotVisible as Hidden,
        };
        for service in self.client.system.services.values() {
            let Some(queue) = &service.queue else { continue };
            let sqs = self.aws.sqs();
            let request = sqs.get_queue_attributes().queue_url(&queue.url);
            let request = request.attribute_names(Seen).attribute_names(Hidden);
            let counts = request.send().await.unwrap().attributes.unwrap_or_default();
            if counts.values().any(|count| count != "0") {
                return false;
            }
        }
        self.no_dead_letters().await
    }

    pub async fn until_drained(&self) {
        eventually("every queue is drained", || async { self.drained().await }).await;
    }

    /// The sandbox gateway's charges and refunds for an order.
    pub async fn ledger(&self, order: &str) -> Value {
        self.staff.gateway_ledger(Some(order)).await.unwrap().unwrap()
    }

    /// Stocks a sku that only this test uses; returns its name.
    pub async fn stock_sku(&self, sku: &str, pieces: i64) -> String {
        let sku = unique(sku);
        self.client.adjust_stock(&sku, pieces, &unique("stock")).await.unwrap();
        sku
    }

    /// Places an order of ada for one piece; returns its id.
    pub async fn place_order(&self, sku: &str, method: &str) -> String {
        let request = Client::order_request(&[(sku, 1, 900)], method);
        id(&self.client.place_order("ada", &unique("order"), &request).await.unwrap()).to_owned()
    }
}

/// The exclusive use of a stage.
struct Lease {
    file: PathBuf,
    since: Instant,
}

impl Lease {
    /// Blocks the thread: the test that waits has nothing else to do.
    fn take() -> Self {
        let (free, freed) = &*FREE;
        let free = free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = freed.wait_while(free, |free| free.is_empty()).unwrap_or_else(PoisonError::into_inner);
        Self { file: free.remove(0), since: Instant::now() }
    }
}

/// Returns the stage, and prints how long the test used it. Writing to standard error directly bypasses the capture of
/// the test's output, which would hide the line.
impl Drop for Lease {
    fn drop(&mut self) {
        let (free, freed) = &*FREE;
        free.lock().unwrap_or_else(PoisonError::into_inner).push(self.file.clone());
        freed.notify_one();
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        let line = format!("{:7.1} s  {test}\n", self.since.elapsed().as_secs_f64());
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
}
