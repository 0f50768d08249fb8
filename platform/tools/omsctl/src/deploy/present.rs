//! What a stage on AWS has already. `sam deploy` keeps the value of a parameter that it is not given, so what counts is the
//! value that the stack has.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use futures::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws_cli::{Ask, AwsError, Call};
use crate::system::stack_name;

/// The stack that says what holds for the whole stage.
pub(crate) const PLATFORM: &str = "platform";

/// The parameters of a stage's stacks: the platform's first, then those of the parts that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Present(Vec<(String, BTreeMap<String, String>)>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stack {
    stack_status: String,
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    parameter_key: String,
    #[serde(default)]
    parameter_value: String,
}

impl Present {
    /// Reads the stacks of the platform and of these parts.
    ///
    /// # Errors
    /// When AWS does not answer. The role that deploys one part alone may be kept from reading the platform's stack.
    pub(crate) async fn read(aws: &impl Ask, stage: &str, parts: &[String]) -> Result<Self> {
        let others = parts.iter().map(String::as_str).filter(|part| *part != PLATFORM);
        let stacks = std::iter::once(PLATFORM).chain(others).map(|part| async move {
            let stack = stack_name(stage, part);
            let answer = aws.ask(&Call::new("cloudformation", "describe-stacks", json!({ "StackName": stack }))).await;
            let may_be_hidden = !parts.iter().any(|asked| asked == part);
            let found = parameters(answer, may_be_hidden).with_context(|| format!("cannot read the stack {stack}"))?;
            anyhow::Ok(found.map(|found| (part.to_owned(), found)))
        });
        let stacks = join_all(stacks).await.into_iter().collect::<Result<Vec<_>>>()?;
        Ok(Self(stacks.into_iter().flatten().collect()))
    }

    /// The value that a parameter has in the stage.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// The values that a parameter has in those stacks that have it.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(move |(_, parameters)| parameters.get(name)).map(String::as_str)
    }

    /// The value that a parameter has in the platform's stack.
    pub(crate) fn of_platform(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(part, _)| part == PLATFORM)?.1.get(name).map(String::as_str)
    }
}

/// The parameters of a stack; `None` if there is none, or it may not be seen and need not be.
fn parameters(answer: Result<Value, AwsError>, may_be_hidden: bool) -> Result<Option<BTreeMap<String, String>>> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.is_missing() || may_be_hidden && error.is_denied() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let stacks: Vec<Stack> = serde_json::from_value(answer["Stacks"].clone()).context("AWS listed no stacks")?;
    // A change set that nobody executed leaves a stack that never was.
    let stack = stacks.into_iter().find(|stack| stack.stack_status != "REVIEW_IN_PROGRESS");
    let pairs = |stack: Stack| stack.parameters.into_iter().map(|it| (it.parameter_key, it.parameter_value)).collect();
    Ok(stack.map(pairs))
}
