//! What runs, as `omsctl env --json` described it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_sqs::config::Credentials;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A message of a dead-letter queue with the cause that the consumer attached.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The message as it was.
    pub body: String,
    /// `ErrorClass`, `ErrorMessage`, `Consumer`, `Receives`, `OriginalMessageId`.
    pub cause: BTreeMap<String, String>,
}

/// A stage that is up.
#[derive(Debug, Clone)]
pub struct Stage {
    description: Value,
    aws: SdkConfig,
    http: reqwest::Client,
}

impl Stage {
    /// The stage that the file named by `OMS_ENV` describes.
    pub async fn from_env() -> Self {
        Self::from_file(&Self::files()[0]).await
    }

    /// The files that `OMS_ENV` names, separated by colons: one for each stage that the same system is deployed to.
    #[must_use]
    pub fn files() -> Vec<PathBuf> {
        let named = variable("OMS_ENV", "the file that `omsctl env --json --tokens` wrote for a stage that is up");
        std::env::split_paths(&named).collect()
    }

    /// The stage that a file describes.
    pub async fn from_file(file: &Path) -> Self {
        let text =
            std::fs::read_to_string(file).unwrap_or_else(|error| panic!("OMS_ENV names {}: {error}", file.display()));
        let description: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{} is not JSON: {error}", file.display()));
        let endpoint = description["endpoint"].as_str().expect("the stage is hosted by an emulator");
        // The provider may have been chosen by another test of this process.
        drop(rustls::crypto::ring::default_provider().install_default());
        let aws = config(endpoint, description["region"].as_str().expect("the stage has a region")).await;
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        Self { description, aws, http }
    }

    /// The whole description, as whatever type reads it.
    #[must_use]
    pub fn description<T: DeserializeOwned>(&self) -> T {
        serde_json::from_value(self.description.clone()).expect("the stage's description has its shape")
    }

    /// What AWS clients are made from.
    #[must_use]
    pub fn aws(&self) -> &SdkConfig {
        &self.aws
    }

    /// The name of the bus.
    #[must_use]
    pub fn bus(&self) -> &str {
        self.text("/bus")
    }

    /// A text of the description, by JSON pointer.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        let found = self.description.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("the stage's description has no {pointer}: {}", self.description))
    }

    /// The customer id of a demo user.
    #[must_use]
    pub fn customer(&self, user: &str) -> &str {
        self.text(&format!("/users/{user}/customerId"))
    }

    /// A request to a service's API, without a token if the user is `nobody`.
    pub fn request(&self, user: &str, method: Method, service: &str, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.text(&format!("/services/{service}/api"))));
        if user == "nobody" { request } else { request.bearer_auth(self.text(&format!("/users/{user}/token"))) }
    }

    /// Puts texts into a service's queue as they are, in one request: what the bus would never send.
    pub async fn enqueue(&self, service: &str, bodies: &[String]) {
        use aws_sdk_sqs::types::SendMessageBatchRequestEntry as Entry;
        let entry = |(n, body): (usize, &String)| Entry::builder().id(n.to_string()).message_body(body).build();
        let entries = bodies.iter().enumerate().map(entry).collect::<Result<_, _>>().expect("entries are complete");
        let request = self.sqs().send_message_batch().queue_url(self.text(&format!("/services/{service}/queue/url")));
        let answer = request.set_entries(Some(entries)).send().await.expect("the queue takes messages");
        assert!(answer.failed().is_empty(), "{:?}", answer.failed());
    }

    /// Takes one message out of a dead-letter queue, if there is one.
    pub async fn take_dead_letter(&self, queue: &str) -> Option<DeadLetter> {
        let (sqs, url) = (self.sqs(), self.text(&format!("/deadLetters/{queue}/url")));
        let request = sqs.receive_message().queue_url(url).message_attribute_names("All").wait_time_seconds(1);
        let message = request.send().await.expect("the dead-letter queue answers").messages?.into_iter().next()?;
        let handle = message.receipt_handle().expect("a receipt");
        sqs.delete_message().queue_url(url).receipt_handle(handle).send().await.expect("the message can be deleted");
        let cause = message.message_attributes().into_iter().flatten();
        let cause = cause.filter_map(|(name, value)| Some((name.clone(), value.string_value()?.to_owned()))).collect();
        Some(DeadLetter { body: message.body().unwrap_or_default().to_owned(), cause })
    }

    /// Waits for a message in a dead-letter queue and takes it out.
    pub async fn dead_letter(&self, queue: &str) -> DeadLetter {
        let mut found = None;
        for _ in 0..crate::PATIENCE.as_secs() {
            found = self.take_dead_letter(queue).await;
            if found.is_some() {
                break;
            }
        }
        found.unwrap_or_else(|| panic!("nothing came into the dead-letter queue {queue}"))
    }

    /// Invokes a service's sweep as of a time (RFC 3339), for these aggregates alone: other tests' aggregates stay as they are.
    /// Without keys it sweeps all that are due, as the schedule does. Returns how many were looked at, changed, and failed.
    pub async fn sweep(&self, service: &str, keys: &[&str], time: impl ToString) -> Value {
        let wake = json!({ "time": time.to_string(), "keys": keys }).to_string();
        let function = self.text(&format!("/services/{service}/functions/sweep"));
        let request = aws_sdk_lambda::Client::new(&self.aws).invoke().function_name(function);
        let answer = request.payload(Blob::new(wake)).send().await.expect("the sweep can be invoked");
        let returned = answer.payload().map(|payload| String::from_utf8_lossy(payload.as_ref()).into_owned());
        assert_eq!(answer.function_error(), None, "the sweep failed: {returned:?}");
        serde_json::from_str(&returned.unwrap_or_default()).expect("the sweep returns what it did")
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.aws)
    }
}

/// How a client reaches what listens at `endpoint` in place of AWS.
pub(crate) async fn config(endpoint: &str, region: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(chassis::aws::http_client())
        .credentials_provider(Credentials::new("test", "test", None, None, "testkit"))
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .load()
        .await
}

#[expect(clippy::disallowed_methods, reason = "this is the rim of a test")]
fn variable(name: &str, what: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} must name {what}: run `just test`"))
}
