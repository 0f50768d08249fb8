//! What every test of the whole system begins with: a stage that it has for itself until it ends.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use omsctl::aws::Aws;
use omsctl::desk::{Desk, Tokens};
use omsctl::repository::Repository;
use omsctl::shop::{Shop, dead_letters};
use omsctl::system::System;
use testkit::{Stage, eventually, unique};

use crate::invariants::id;

/// Between two looks at what is at rest already.
pub const AT_REST: Duration = Duration::from_millis(300);

/// The stages that no test is using.
static FREE: LazyLock<(Mutex<Vec<PathBuf>>, Condvar)> = LazyLock::new(|| (Mutex::new(Stage::files()), Condvar::new()));

pub struct World {
    pub shop: Shop,
    pub aws: Aws,
    pub stage: Stage,
    pub desk: Desk,
    _turn: Turn,
}

impl World {
    /// Takes a stage, as soon as there is a free one: so many tests run side by side, and each may do to its own stage
    /// what it wants. A test opens one world at a time.
    pub async fn open() -> Self {
        let turn = Turn::take();
        let stage = Stage::from_file(&turn.file).await;
        let system: System = stage.description();
        let (aws, repository) = (system.connect().await, Repository::find().unwrap());
        let desk = Desk::open(&repository, &aws, system.clone(), Tokens::default()).await.unwrap();
        let shop = Shop::open(&repository, &aws, system).await.unwrap();
        shop.leave_address("ada").await.unwrap();
        Self { shop, aws, stage, desk, _turn: turn }
    }

    /// Takes every stage, as soon as no other test has one.
    pub async fn every() -> Vec<Self> {
        let mut worlds = Vec::new();
        for _ in Stage::files() {
            worlds.push(Self::open().await);
        }
        worlds
    }

    /// Whether every dead-letter queue is empty now.
    pub async fn no_dead_letters(&self) -> bool {
        dead_letters(&self.aws, &self.shop.system).await.unwrap().values().all(|count| *count == 0)
    }

    /// Whether every message was handled, and none parked.
    pub async fn drained(&self) -> bool {
        use aws_sdk_sqs::types::QueueAttributeName::{
            ApproximateNumberOfMessages as Seen, ApproximateNumberOfMessagesNotVisible as Hidden,
        };
        for service in self.shop.system.services.values() {
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

    pub async fn quiet(&self) {
        eventually("every queue is drained", || async { self.drained().await }).await;
    }

    /// A sku that only this test uses, with so many pieces.
    pub async fn stocked(&self, sku: &str, pieces: i64) -> String {
        let sku = unique(sku);
        self.shop.adjust(&sku, pieces, &unique("stock")).await.unwrap();
        sku
    }

    /// An order of ada's for one piece.
    pub async fn ordered(&self, sku: &str, method: &str) -> String {
        let basket = Shop::basket(&[(sku, 1, 900)], method);
        id(&self.shop.order("ada", &unique("order"), &basket).await.unwrap()).to_owned()
    }
}

/// A stage in the hands of one test.
struct Turn {
    file: PathBuf,
    since: Instant,
}

impl Turn {
    /// Blocks, for whoever waits has nothing else to do.
    fn take() -> Self {
        let (free, freed) = &*FREE;
        let free = free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = freed.wait_while(free, |free| free.is_empty()).unwrap_or_else(PoisonError::into_inner);
        Self { file: free.remove(0), since: Instant::now() }
    }
}

/// Gives the stage back, and tells how long the test had it: past the capture of a test's output, which hides it.
impl Drop for Turn {
    fn drop(&mut self) {
        let (free, freed) = &*FREE;
        free.lock().unwrap_or_else(PoisonError::into_inner).push(self.file.clone());
        freed.notify_one();
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        let told = format!("{:7.1} s  {test}\n", self.since.elapsed().as_secs_f64());
        std::io::stderr().write_all(told.as_bytes()).unwrap();
    }
}
