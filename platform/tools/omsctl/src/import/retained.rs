//! What of a template outlives its stack, and a template of nothing else.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::template::json::{name_in, texts};

/// A type of resource that is found by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Table,
    Queue,
    UserPool,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Table, Self::Queue, Self::UserPool];

    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Table => "AWS::DynamoDB::Table",
            Self::Queue => "AWS::SQS::Queue",
            Self::UserPool => "AWS::Cognito::UserPool",
        }
    }

    /// The property by which CloudFormation knows a resource of this type.
    pub(super) fn identifier(self) -> &'static str {
        match self {
            Self::Table => "TableName",
            Self::Queue => "QueueUrl",
            Self::UserPool => "UserPoolId",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Table => "TableName",
            Self::Queue => "QueueName",
            Self::UserPool => "UserPoolName",
        }
    }
}

/// A resource that outlives its stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resource {
    /// Its name in the template.
    pub(super) id: String,
    pub(super) kind: Kind,
    /// Its name in AWS.
    pub(super) name: String,
}

/// What outlives the stack of a template.
#[derive(Debug)]
pub(super) struct Retained {
    pub(super) resources: Vec<Resource>,
    template: Value,
}

impl Retained {
    /// Finds it in a template, for a stage.
    pub(super) fn of(template: &Value, stage: &str) -> Result<Self> {
        let all = template["Resources"].as_object().context("the template has no resources")?;
        let stays = |body: &Value| body["DeletionPolicy"].as_str().is_some_and(|policy| policy.starts_with("Retain"));
        let mut resources = Vec::new();
        for (id, body) in all.iter().filter(|(_, body)| stays(body)) {
            let Some(kind) = Kind::ALL.into_iter().find(|kind| body["Type"] == kind.type_name()) else {
                bail!("omsctl cannot import {id}: it does not know how to find an {}", body["Type"]);
            };
            let name = name_in(stage, &body["Properties"][kind.name()]);
            let name = name.with_context(|| format!("{id} has no {} that the stage alone decides", kind.name()))?;
            resources.push(Resource { id: id.clone(), kind, name });
        }
        Ok(Self { resources, template: template.clone() })
    }

    /// A template with these resources, and with the conditions and parameters that they use. A macro, an output or
    /// another resource would be refused in an import.
    pub(super) fn template(&self, ids: &[&str]) -> Value {
        let section = |name: &str| self.template[name].as_object().cloned().unwrap_or_default();
        let resources = keep(section("Resources"), |id| ids.contains(&id));
        let conditions = used(&section("Conditions"), &resources);
        let uses = json!([resources, conditions]);
        let parameters = keep(section("Parameters"), |name| is_used(name, &texts(&uses)));
        json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": parameters,
            "Conditions": conditions,
            "Resources": resources,
        })
    }
}

fn keep(section: Map<String, Value>, wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    section.into_iter().filter(|(name, _)| wanted(name)).collect()
}

/// The conditions that resources use, and those that these use in turn.
fn used(all: &Map<String, Value>, resources: &Map<String, Value>) -> Map<String, Value> {
    let mut kept = Map::new();
    loop {
        let uses = json!([resources, kept]);
        let more = keep(all.clone(), |name| is_used(name, &texts(&uses)));
        if more.len() == kept.len() {
            return kept;
        }
        kept = more;
    }
}

fn is_used(name: &str, texts: &[&str]) -> bool {
    let inside = format!("${{{name}}}");
    texts.iter().any(|text| *text == name || text.contains(&inside))
}
