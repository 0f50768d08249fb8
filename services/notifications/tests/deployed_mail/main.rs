//! What becomes of a mail on the emulator when SES refuses it, support asks for it, or SES reports of it later.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod feedback;
mod resend;
mod setup;

use chassis::store::{Revision, Saved};
use jiff::Timestamp;
use notifications::domain::address::EmailAddress;
use notifications::domain::confirmation::Secret;
use notifications::domain::contact::{Given, give};
use notifications::domain::ids::CustomerId;
use notifications::outbound::Contacts;
use serde_json::{Value, json};
use testkit::contract::sample;
use testkit::{Stage, event, eventually, unique};
use tokio::sync::RwLock;

/// SES as all tests of this stage share it: who takes it away writes, who sends mail reads.
static SES: RwLock<()> = RwLock::const_new(());

/// A completed order of a customer that no other test uses.
struct Case {
    order: String,
    customer: String,
}

impl Case {
    fn new() -> Self {
        Self { order: chassis::clock::new_id("ord_"), customer: unique("customer") }
    }

    /// The customer leaves an address, and confirms it.
    async fn with_address(self, stage: &Stage) -> Self {
        let contacts = Contacts::new(stage.aws(), stage.text("/services/notifications/tables/contacts").into());
        let email = EmailAddress::new(&self.address()).unwrap();
        let hash = Secret::new([0; 32]).hash();
        let Given::Confirmed(contact) = give(None, email.clone(), Some(&email), hash, Timestamp::UNIX_EPOCH) else {
            panic!("the token verifies it")
        };
        let customer = CustomerId::new(&self.customer).unwrap();
        let saved = contacts.save(&customer, &Revision::default(), &contact).await.unwrap();
        assert_eq!(saved, Saved::Applied(()));
        self
    }

    fn address(&self) -> String {
        format!("canary-{}@example.org", self.customer)
    }

    fn completed(&self) -> Value {
        let changes = [
            ("/id", json!(format!("evt_{}", self.order))),
            ("/subject", json!(self.order)),
            ("/data/orderId", json!(self.order)),
            ("/data/customerId", json!(self.customer)),
            ("/data/total", json!(123_450)),
        ];
        event(&sample("OrderCompleted.v1"), &changes)
    }

    async fn mails(&self, stage: &Stage) -> usize {
        let mailbox: Value = http().get(stage.text("/mailbox")).send().await.unwrap().json().await.unwrap();
        let all = mailbox["messages"].as_object().unwrap().values().flat_map(|sent| sent.as_array().unwrap());
        all.filter(|mail| mail["To"] == json!([self.address()])).count()
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A request that the emulator takes for one to this service: it trusts its root key.
fn asked(stage: &Stage, service: &str) -> reqwest::RequestBuilder {
    let credential = format!("test/20260101/us-east-1/{service}/aws4_request");
    let signed = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=unchecked");
    http().post(stage.text("/endpoint")).header("authorization", signed)
}

/// What a role of the service has logged that contains this text.
async fn logged(stage: &Stage, role: &str, text: &str) -> Vec<String> {
    let group = format!("/aws/lambda/{}", stage.text(&format!("/services/notifications/functions/{role}")));
    let mut question = json!({ "logGroupName": group });
    let mut lines = Vec::new();
    loop {
        let request = asked(stage, "logs").header("x-amz-target", "Logs_20140328.FilterLogEvents");
        let request = request.header("content-type", "application/x-amz-json-1.1").body(question.to_string());
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let found = answer["events"].as_array().unwrap().iter().filter_map(|line| line["message"].as_str());
        lines.extend(found.filter(|line| line.contains(text)).map(ToOwned::to_owned));
        let Some(next) = answer["nextToken"].as_str() else { return lines };
        question["nextToken"] = json!(next);
    }
}

/// Waits until the service has handled what was in a queue.
async fn drained(stage: &Stage, url: &str) {
    use aws_sdk_sqs::types::QueueAttributeName as Name;
    let sqs = aws_sdk_sqs::Client::new(stage.aws());
    eventually("the queue is empty", || async {
        let request = sqs.get_queue_attributes().queue_url(url).attribute_names(Name::All);
        let attributes = request.send().await.unwrap().attributes.unwrap();
        let none = |name| attributes.get(&name).is_some_and(|count| count == "0");
        none(Name::ApproximateNumberOfMessages) && none(Name::ApproximateNumberOfMessagesNotVisible)
    })
    .await;
}
