//! Counts what a piece of work asks of AWS, on any stage whose functions call AWS through the proxy.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_sdk_sqs::types::QueueAttributeName::{
    ApproximateNumberOfMessages as Visible, ApproximateNumberOfMessagesNotVisible as Hidden,
};
use omsctl::aws::{Aws, AwsContext};
use omsctl::cost::lock::Counts;

use super::functions::{self, Function, Source};
use super::logs::Logged;
use super::proxy::Proxy;
use super::tally::Requests;

/// The pause between two looks at the queues.
const POLL: Duration = Duration::from_millis(20);
/// How long what an order has left under way may take.
const SETTLES_WITHIN: Duration = Duration::from_mins(1);
/// The role that a schedule invokes: not a part of any order.
const SWEEP: &str = "sweep";

/// A stage that is prepared for counting.
#[derive(Debug)]
pub struct Counter<'a> {
    aws: &'a Aws,
    proxy: &'a Proxy,
    functions: Vec<Function>,
    /// What full names of tables begin with.
    prefix: String,
}

impl<'a> Counter<'a> {
    /// Prepares a stage: each message and each stream record comes alone, and each consumer handles one after the other, so
    /// that every run counts the same. `names` has service and role by a function's full name; `prefix` is what the
    /// names of tables begin with. Only these functions are counted.
    ///
    /// # Errors
    /// When AWS does not answer.
    pub async fn prepare(
        aws: &'a Aws,
        proxy: &'a Proxy,
        names: &BTreeMap<String, (String, String)>,
        prefix: &str,
    ) -> Result<Self> {
        let counter = Self { aws, proxy, functions: functions::list(aws, names).await?, prefix: prefix.to_owned() };
        for function in &counter.functions {
            let Some(mapping) = &function.mapping else { continue };
            let lambda = aws.lambda();
            let alone = lambda.update_event_source_mapping().uuid(&mapping.id).batch_size(1).send().await;
            alone.aws_context(format!("cannot set the batch size of {}", function.name))?;
            let one = lambda.put_function_concurrency().function_name(&function.name).reserved_concurrent_executions(1);
            one.send().await.aws_context(format!("cannot set the concurrency of {}", function.name))?;
        }
        counter.stop_schedules().await?;
        Ok(counter)
    }

    /// A sweep in the middle of an order would write beside its consumers.
    async fn stop_schedules(&self) -> Result<()> {
        let bus = self.aws.eventbridge();
        let rules = bus.list_rules().send().await.aws_context("cannot list the schedules")?.rules.unwrap_or_default();
        for rule in rules.into_iter().filter(|rule| rule.schedule_expression.is_some()) {
            let name = rule.name.unwrap_or_default();
            bus.disable_rule().name(&name).send().await.aws_context(format!("cannot stop the schedule {name}"))?;
        }
        Ok(())
    }

    /// Counts what `work` asks of AWS, by service, until nothing is under way any more. What is under way before it is
    /// not counted.
    ///
    /// # Errors
    /// When the work fails, or a request of it cannot be counted.
    pub async fn count(&self, work: impl Future<Output = Result<()>>) -> Result<BTreeMap<String, Counts>> {
        self.until_drained(&[]).await?;
        self.proxy.tally.take();
        let before = self.logged().await?;
        work.await?;
        let settled = tokio::time::timeout(SETTLES_WITHIN, self.until_settled(&before)).await;
        settled.context("messages or stream records are still under way a minute after the order's end")??;
        let (requests, after) = (self.proxy.tally.take(), self.logged().await?);
        let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
        for (function, (before, after)) in self.functions.iter().zip(before.into_iter().zip(after)) {
            if function.role == SWEEP {
                continue;
            }
            let counts = counts.entry(function.service.clone()).or_default();
            add_logged(counts, function, after.since(before));
            if let Some(requests) = requests.get(&function.key) {
                self.add_requests(counts, function, requests)?;
            }
        }
        Ok(counts)
    }

    /// Waits until every record of every stream was relayed, and no queue has a message. Relays run one record at a time, and
    /// a relay's invocation ends after its events are in the queues.
    async fn until_settled(&self, before: &[Logged]) -> Result<()> {
        loop {
            let written = self.proxy.tally.stream_records();
            self.until_drained(&[]).await?;
            let owed = self.unrelayed(&written, before).await?;
            if owed == 0 && written == self.proxy.tally.stream_records() {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// How many stream records were written and not yet relayed, of services that have a relay.
    async fn unrelayed(&self, written: &BTreeMap<String, u64>, before: &[Logged]) -> Result<u64> {
        let mut owed = 0;
        for (function, before) in self.functions.iter().zip(before) {
            if function.mapping.as_ref().is_none_or(|mapping| mapping.source != Source::Stream) {
                continue;
            }
            let writers = self.functions.iter().filter(|writer| writer.service == function.service);
            let written: u64 = writers.filter_map(|writer| written.get(&writer.key)).sum();
            let relayed = Logged::read(self.aws, &function.name).await?.since(*before).invocations;
            owed += written.saturating_sub(relayed);
        }
        Ok(owed)
    }

    async fn logged(&self) -> Result<Vec<Logged>> {
        let mut all = Vec::new();
        for function in &self.functions {
            all.push(Logged::read(self.aws, &function.name).await?);
        }
        Ok(all)
    }

    fn add_requests(&self, counts: &mut Counts, function: &Function, requests: &Requests) -> Result<()> {
        if let Some(reason) = requests.uncounted.first() {
            bail!("a request of {} cannot be counted: {reason}", function.name);
        }
        let short = |name: &String| name.strip_prefix(&self.prefix).unwrap_or(name).to_owned();
        for (name, count) in &requests.operations {
            *counts.requests.entry(name.clone()).or_default() += count;
        }
        for (name, units) in &requests.write_units {
            *counts.write_units.entry(short(name)).or_default() += units;
        }
        for (name, units) in &requests.read_units {
            *counts.read_units.entry(short(name)).or_default() += *units;
        }
        for (name, units) in &requests.events {
            *counts.events.entry(name.clone()).or_default() += units;
        }
        Ok(())
    }

    /// Lets a consumer's messages wait, or takes them again.
    ///
    /// # Errors
    /// When the service has no consumer, or Lambda does not answer.
    pub async fn set_consumer(&self, service: &str, enabled: bool) -> Result<()> {
        let of = |function: &&Function| {
            function.service == service && matches!(&function.mapping, Some(it) if it.source != Source::Stream)
        };
        for mapping in self.functions.iter().filter(of).filter_map(|function| function.mapping.as_ref()) {
            let update = self.aws.lambda().update_event_source_mapping().uuid(&mapping.id).enabled(enabled);
            update.send().await.aws_context(format!("cannot switch the consumer of {service}"))?;
        }
        Ok(())
    }

    /// Waits until no queue has a message, except those of these services.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub async fn until_drained(&self, except: &[&str]) -> Result<()> {
        for function in self.functions.iter().filter(|function| !except.contains(&function.service.as_str())) {
            let Some(Source::Queue(queue)) = function.mapping.as_ref().map(|mapping| &mapping.source) else { continue };
            let url = self.aws.sqs().get_queue_url().queue_name(queue).send().await;
            let url = url.aws_context(format!("cannot find the queue {queue}"))?.queue_url.unwrap_or_default();
            loop {
                let request = self.aws.sqs().get_queue_attributes().queue_url(&url);
                let counts = request.attribute_names(Visible).attribute_names(Hidden).send().await;
                let counts =
                    counts.aws_context(format!("cannot read the queue {queue}"))?.attributes.unwrap_or_default();
                if counts.values().all(|count| count == "0") {
                    break;
                }
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }
}

fn add_logged(counts: &mut Counts, function: &Function, logged: Logged) {
    counts.log_lines += logged.lines;
    counts.log_bytes += logged.bytes;
    if logged.invocations > 0 {
        *counts.invocations.entry(function.role.clone()).or_default() += logged.invocations;
    }
    match function.mapping.as_ref().map(|mapping| &mapping.source) {
        Some(Source::Queue(_)) => counts.deliveries += logged.invocations,
        Some(Source::Stream) => counts.stream_records += logged.invocations,
        None => {}
    }
}
