//! The functions of a stage, and what invokes each.

use std::collections::BTreeMap;

use anyhow::Result;
use omsctl::aws::{Aws, AwsContext};
use omsctl::hash::sha256;

/// A function of the stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its full name.
    pub name: String,
    /// The service that it belongs to.
    pub service: String,
    /// What it does in the service, such as `events`.
    pub role: String,
    /// The access key under which it calls AWS.
    pub key: String,
    /// What invokes it; none if requests or a schedule do.
    pub mapping: Option<Mapping>,
}

/// An event source mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its id.
    pub id: String,
    /// Where its records come from.
    pub source: Source,
}

/// Where a mapping reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A queue, by its name.
    Queue(String),
    /// A table's stream.
    Stream,
}

/// Reads the functions that `names` knows, as service and role by full name.
///
/// # Errors
/// When Lambda does not answer.
pub async fn list(aws: &Aws, names: &BTreeMap<String, (String, String)>) -> Result<Vec<Function>> {
    let mut mappings = mappings(aws).await?;
    let pages = aws.lambda().list_functions().into_paginator().items().send();
    let all = pages.collect::<Result<Vec<_>, _>>().await.aws_context("cannot list the functions")?;
    let function = |it: aws_sdk_lambda::types::FunctionConfiguration| {
        let name = it.function_name.unwrap_or_default();
        let (service, role) = names.get(&name)?.clone();
        let key = access_key(&it.function_arn.unwrap_or_default(), &it.role.unwrap_or_default());
        Some(Function { mapping: mappings.remove(&name), name, service, role, key })
    };
    Ok(all.into_iter().filter_map(function).collect())
}

/// The access key that the emulator gives to a function when it enforces policies: it tells functions apart.
fn access_key(arn: &str, role: &str) -> String {
    format!("ASIA{}", sha256(format!("{arn}:{role}").as_bytes())[..16].to_uppercase())
}

/// The mappings by the name of their function.
async fn mappings(aws: &Aws) -> Result<BTreeMap<String, Mapping>> {
    let pages = aws.lambda().list_event_source_mappings().into_paginator().items().send();
    let all = pages.collect::<Result<Vec<_>, _>>().await.aws_context("cannot list the event source mappings")?;
    let mapping = |it: aws_sdk_lambda::types::EventSourceMappingConfiguration| {
        let last = |arn: &str| arn.rsplit(':').next().unwrap_or_default().to_owned();
        let origin = it.event_source_arn?;
        let source = if origin.contains(":sqs:") { Source::Queue(last(&origin)) } else { Source::Stream };
        Some((last(&it.function_arn?), Mapping { id: it.uuid?, source }))
    };
    Ok(all.into_iter().filter_map(mapping).collect())
}
