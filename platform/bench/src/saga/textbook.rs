//! The textbook design (`platform/bench/textbook`) on the benchmark's stage: deployed, stocked, and looked into.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sqs::types::QueueAttributeName;
use omsctl::aws::AwsContext;
use omsctl::cloudformation::{self, Stack};
use omsctl::system::{api_url, stack_name};
use omsctl::terminal::Step;
use omsctl::{hash, http, template, users};
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipWriter};

use super::local::Local;
use super::side::{CUSTOMER, SKU, STOCKED, Side, WORKERS};

const FOLDER: &str = "platform/bench/textbook";
/// Its services, all of which work for each order.
pub const SERVICES: [&str; 4] = ["orders", "inventory", "payments", "notifications"];
/// The emulator accepts its root key without checking the signature.
const ROOT: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=unchecked";

/// How the emulator runs its functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Runtime {
    /// As it runs Python by itself, through a pipe.
    Python,
    /// As it runs ours, through the Runtime API over HTTP, which AWS has for both.
    Provided,
}

impl Runtime {
    /// As templates write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python3.12",
            Self::Provided => "provided.al2023",
        }
    }
}

/// The textbook design as it runs.
pub struct Textbook<'a> {
    local: &'a Local,
    /// The start of the names of its functions, tables, queues and bus.
    pub prefix: String,
    api: String,
}

/// A sku's stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    /// Pieces that can be ordered.
    pub available: i64,
    /// Pieces of orders that are not decided.
    pub reserved: i64,
}

impl<'a> Textbook<'a> {
    /// Deploys its stack beside ours, and stocks it.
    ///
    /// # Errors
    /// When the stack fails.
    pub async fn deploy(local: &'a Local, runtime: Runtime) -> Result<Self> {
        let name = stack_name(&local.system.stage, "textbook");
        let step = Step::begin(&name);
        let cloudformation = local.aws.cloudformation();
        let parameters = [("Stage", local.system.stage.as_str()), ("Emulated", "true"), ("Runtime", runtime.name())];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let stack = Stack { name: name.clone(), template_url: upload(local).await?, parameters };
        let outcome = cloudformation::apply(&cloudformation, &stack).await?;
        let described = cloudformation::describe(&cloudformation, &name).await?.context("the stack is gone")?;
        let outputs = described.outputs();
        let id = outputs.iter().find(|output| output.output_key() == Some("ApiId")).and_then(|it| it.output_value());
        let api = api_url(id.context("the stack has no output ApiId")?, &local.system.region, Some(&local.endpoint()));
        let textbook = Self { local, prefix: name, api };
        textbook.stock(SKU, STOCKED).await?;
        textbook.set_contact().await?;
        step.done(outcome.word());
        Ok(textbook)
    }

    /// Its API as customers use it.
    ///
    /// # Errors
    /// When the customer cannot sign in.
    pub async fn side(&self, local: &Local) -> Result<Side> {
        let functions = self.functions().into_iter();
        let workers = functions.filter(|(_, (_, role))| WORKERS.contains(&role.as_str())).map(|(name, _)| name);
        Side::new("textbook", format!("{}/orders", self.api), workers.collect(), local).await
    }

    /// The stock of what is ordered.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn stock_level(&self) -> Result<Stock> {
        let request = self.local.aws.dynamodb().get_item().table_name(self.name("stock")).key("sku", text(SKU));
        let answer = request.consistent_read(true).send().await.aws_context("cannot read the stock")?;
        let item = answer.item.unwrap_or_default();
        let pieces = |name: &str| -> Result<i64> {
            let value = item.get(name).and_then(|value| value.as_n().ok());
            Ok(value.with_context(|| format!("the stock has no number {name}"))?.parse()?)
        };
        Ok(Stock { available: pieces("available")?, reserved: pieces("reserved")? })
    }

    /// Publishes every event about an order once more, under its own id; returns how many.
    ///
    /// # Errors
    /// When an outbox cannot be read, or the bus refuses an event.
    pub async fn publish_again(&self, order: &str) -> Result<usize> {
        let mut published = 0;
        for service in SERVICES {
            let scan = self.local.aws.dynamodb().scan().table_name(self.name(&format!("{service}-outbox")));
            let outbox = scan.send().await.aws_context(format!("cannot read the outbox of {service}"))?;
            for item in outbox.items() {
                let value =
                    |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
                let (kind, detail) = (value("type"), value("detail"));
                if detail.contains(order) {
                    self.publish(service, &kind, &detail).await?;
                    published += 1;
                }
            }
        }
        Ok(published)
    }

    async fn publish(&self, service: &str, kind: &str, detail: &str) -> Result<()> {
        let entry = PutEventsRequestEntry::builder().event_bus_name(&self.prefix).source(format!("textbook.{service}"));
        let entry = entry.detail_type(kind).detail(detail).build();
        let request = self.local.aws.eventbridge().put_events().entries(entry);
        let answer = request.send().await.aws_context(format!("cannot publish {kind}"))?;
        if answer.failed_entry_count > 0 {
            bail!("the bus refused {kind}");
        }
        Ok(())
    }

    /// Messages that wait or are being handled.
    ///
    /// # Errors
    /// When a queue does not answer.
    pub async fn waiting(&self) -> Result<u64> {
        self.messages("").await
    }

    /// Messages that its consumers gave up.
    ///
    /// # Errors
    /// When a queue does not answer.
    pub async fn dead_letters(&self) -> Result<u64> {
        self.messages("-dlq").await
    }

    async fn messages(&self, suffix: &str) -> Result<u64> {
        let (sqs, mut messages) = (self.local.aws.sqs(), 0);
        for service in SERVICES {
            let name = self.name(&format!("{service}{suffix}"));
            let url = sqs.get_queue_url().queue_name(&name).send().await.aws_context(format!("no queue {name}"))?;
            let counts = [
                QueueAttributeName::ApproximateNumberOfMessages,
                QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            ];
            let request = sqs.get_queue_attributes().set_queue_url(url.queue_url);
            let request = request.set_attribute_names(Some(counts.to_vec()));
            let answer = request.send().await.aws_context(format!("cannot count the messages of {name}"))?;
            let counted = answer.attributes.unwrap_or_default();
            messages += counted.values().filter_map(|count| count.parse::<u64>().ok()).sum::<u64>();
        }
        Ok(messages)
    }

    /// Puts so many pieces of a sku in stock.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn stock(&self, sku: &str, pieces: i64) -> Result<()> {
        let number = |pieces: i64| AttributeValue::N(pieces.to_string());
        self.put("stock", [("sku", text(sku)), ("available", number(pieces)), ("reserved", number(0))].into()).await
    }

    async fn set_contact(&self) -> Result<()> {
        let customer = &self.local.system.users.get(CUSTOMER).context("the stage has no customer")?.customer_id;
        self.put("contacts", [("customerId", text(customer)), ("email", text(&users::email(CUSTOMER)))].into()).await
    }

    /// Service and role by the full name of each of its functions.
    pub fn functions(&self) -> BTreeMap<String, (String, String)> {
        let roles = |service: &'static str| ["api", "events", "relay"].map(|role| (service, role));
        let named =
            |(service, role)| (self.name(&format!("{service}-{role}")), (String::from(service), String::from(role)));
        SERVICES.into_iter().flat_map(roles).map(named).collect()
    }

    async fn put(&self, table: &str, item: BTreeMap<&str, AttributeValue>) -> Result<()> {
        let item = item.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let request = self.local.aws.dynamodb().put_item().table_name(self.name(table)).set_item(Some(item));
        request.send().await.aws_context(format!("cannot write to {table}")).map(drop)
    }

    fn name(&self, part: &str) -> String {
        format!("{}-{part}", self.prefix)
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Uploads code and template; returns the template's URL.
async fn upload(local: &Local) -> Result<String> {
    let folder = local.repository.path(FOLDER);
    let zip = zipped(&folder.join("src"))?;
    let (bucket, key) =
        (format!("oms-{}-artifacts", local.system.stage), format!("textbook/{}.zip", hash::sha256(&zip)));
    let body = fs::read_to_string(folder.join("template.yaml"))?;
    put(local, &format!("{bucket}/{key}"), zip).await?;
    let template = format!("{bucket}/templates/textbook.yaml");
    put(local, &template, template::with_code_at(&body, &bucket, &key).into_bytes()).await?;
    Ok(format!("{}/{template}", local.endpoint()))
}

async fn put(local: &Local, path: &str, body: Vec<u8>) -> Result<()> {
    let request = http::client()?.put(format!("{}/{path}", local.endpoint())).header("authorization", ROOT);
    let answer = request.body(body).send().await?;
    if !answer.status().is_success() {
        bail!("cannot upload {path}: {}", answer.status());
    }
    Ok(())
}

/// The files of a folder; equal files make an equal zip.
fn zipped(folder: &Path) -> Result<Vec<u8>> {
    let files = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = files.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.is_file());
    files.sort();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        // One of them is an executable.
        let options = SimpleFileOptions::default().last_modified_time(DateTime::default()).unix_permissions(0o755);
        zip.start_file(name, options)?;
        zip.write_all(&fs::read(&file)?)?;
    }
    Ok(zip.finish()?.into_inner())
}
