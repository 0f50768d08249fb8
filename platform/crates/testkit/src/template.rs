//! The template of a service does what its code relies on. What `platform/tools/lint` checks of every template is not
//! checked here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use chassis::store::{DUE_AT, DUE_INDEX, DUE_SHARD, KEY};
use contracts::catalogue;
use contracts::declaration::Declaration;
use serde_yaml_ng::Value;

/// A service's `template.yaml`.
#[derive(Debug, Clone)]
pub struct Template(Value);

impl Template {
    /// The template in a service's folder, which is `env!("CARGO_MANIFEST_DIR")`.
    #[must_use]
    pub fn read(service: &str) -> Self {
        let path = Path::new(service).join("template.yaml");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    /// The whole template.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The properties of a resource.
    #[must_use]
    pub fn resource(&self, name: &str) -> &Value {
        let found = &self.0["Resources"][name]["Properties"];
        assert!(!found.is_null(), "the template has no resource {name}");
        found
    }

    /// The variable of a function's environment, null if it has none of this name.
    #[must_use]
    pub fn variable(&self, function: &str, name: &str) -> &Value {
        &self.resource(function)["Environment"]["Variables"][name]
    }

    /// A resource's policies as text, to look for an action.
    #[must_use]
    pub fn allowed(&self, role: &str) -> String {
        serde_yaml_ng::to_string(&self.resource(role)["Policies"]).expect("policies are YAML")
    }

    /// The rule brings every handled type, and nothing else.
    pub fn routes(&self, handled: &[&str]) {
        let pattern = &self.resource("Rule")["EventPattern"];
        assert_eq!(set(&pattern["detail-type"]), handled.iter().map(ToString::to_string).collect());
        let entries = catalogue::all().into_iter().filter(|entry| handled.contains(&entry.event_type));
        assert_eq!(set(&pattern["source"]), entries.map(|entry| entry.source.to_owned()).collect());
    }

    /// The policies let out every type that `events.toml` declares under its own source, and nothing else.
    pub fn lets_out(&self, declaration: &Declaration) {
        let mut declared = BTreeMap::<String, BTreeSet<String>>::new();
        for entry in catalogue::all().iter().filter(|entry| declaration.produces.contains(entry.event_type)) {
            declared.entry(entry.source.to_owned()).or_default().insert(entry.event_type.to_owned());
        }
        assert_eq!(self.let_out(), declared);
    }

    /// By source, the types that the policies of all roles let out.
    fn let_out(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut let_out = BTreeMap::<String, BTreeSet<String>>::new();
        for resource in self.0["Resources"].as_mapping().expect("the template has resources").values() {
            let policies = resource["Properties"]["Policies"].as_sequence().into_iter().flatten();
            let statements = policies.flat_map(|policy| listed(&policy["PolicyDocument"]["Statement"]));
            for statement in statements.filter(|it| format!("{:?}", it["Action"]).contains("events:PutEvents")) {
                let on_aws = &statement["Condition"][1];
                let types = if let Some(one) = on_aws["StringEquals"]["events:detail-type"].as_str() {
                    BTreeSet::from([one.to_owned()])
                } else {
                    // Without this, a request that names no type would be let through.
                    assert_eq!(on_aws["Null"]["events:detail-type"], "false");
                    set(&on_aws["ForAllValues:StringEquals"]["events:detail-type"])
                };
                let source = on_aws["StringEquals"]["events:source"].as_str().expect("a policy names a source");
                let_out.entry(source.to_owned()).or_default().extend(types);
            }
        }
        let_out
    }

    /// The functions play exactly these roles, and the binary knows each as `Role`.
    pub fn plays<Role>(&self, roles: &[&str])
    where
        Role: FromStr,
        Role::Err: Display,
    {
        let resources = self.0["Resources"].as_mapping().expect("the template has resources").values();
        let handlers: BTreeSet<&str> = resources.filter_map(|it| it["Properties"]["Handler"].as_str()).collect();
        assert_eq!(handlers, roles.iter().copied().collect());
        for handler in handlers {
            assert!(handler.parse::<Role>().is_ok(), "the binary does not know the role {handler}");
        }
    }

    /// What waits for a time in `table` is found by the index that the sweep reads, and swept every minute. The next minute
    /// is the retry; what the schedule could not deliver is kept.
    pub fn sweeps(&self, table: &str) {
        indexes_what_is_due(self.resource(table));
        let sweep = self.resource("SweepFunction");
        let schedule = &sweep["Events"]["Minute"]["Properties"];
        assert_eq!((&sweep["Timeout"], &schedule["Schedule"]), (&60.into(), &"rate(1 minute)".into()));
        assert_eq!(schedule["RetryPolicy"]["MaximumRetryAttempts"], 0);
        assert!(text(&schedule["DeadLetterConfig"]["Arn"]).contains("/dead-letters/undeliverable/arn"));
        let index = format!("${{{table}.Arn}}/index/{DUE_INDEX}");
        for (resource, needed) in [
            (index, &["dynamodb:Query"][..]),
            (format!("!GetAtt {table}.Arn"), &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
        ] {
            let allowed = self.allowed_on("SweepRole", &resource);
            for action in needed {
                assert!(allowed.contains(*action), "the sweep's role lacks {action} on {resource}");
            }
        }
    }

    /// The actions that a role's policies allow on a resource, which is named as in the template.
    fn allowed_on(&self, role: &str, resource: &str) -> BTreeSet<String> {
        let policies = self.resource(role)["Policies"].as_sequence().expect("a role has policies").iter();
        let statements = policies.flat_map(|policy| listed(&policy["PolicyDocument"]["Statement"]));
        let on = statements.filter(|it| listed(&it["Resource"]).iter().any(|one| text(one).contains(resource)));
        on.flat_map(|it| listed(&it["Action"])).map(text).collect()
    }

    /// What `function` parks is reported on the bus, which its variable BUS names.
    pub fn reports(&self, function: &str) {
        assert!(text(self.variable(function, "BUS")).contains("/bus/name"), "{function} has no BUS");
    }
}

fn indexes_what_is_due(table: &Value) {
    let indexes = table["GlobalSecondaryIndexes"].as_sequence().into_iter().flatten();
    let index = indexes.into_iter().find(|index| index["IndexName"] == DUE_INDEX);
    let index = index.unwrap_or_else(|| panic!("the table has no index {DUE_INDEX}"));
    // Keys, and at most what the service names: an index of whole items would double every write.
    let projection = text(&index["Projection"]["ProjectionType"]);
    assert!(["KEYS_ONLY", "INCLUDE"].contains(&projection.as_str()), "the index holds {projection}");
    let keys = index["KeySchema"].as_sequence().expect("an index has keys").iter();
    let keys = keys.map(|key| (text(&key["AttributeName"]), text(&key["KeyType"])));
    assert!(keys.eq([(DUE_SHARD.to_owned(), "HASH".to_owned()), (DUE_AT.to_owned(), "RANGE".to_owned())]));
    let types = table["AttributeDefinitions"].as_sequence().expect("a table has attributes").iter();
    let types: Vec<_> = types.map(|it| (text(&it["AttributeName"]), text(&it["AttributeType"]))).collect();
    for (name, kind) in [(KEY, "S"), (DUE_SHARD, "S"), (DUE_AT, "N")] {
        assert!(types.contains(&(name.to_owned(), kind.to_owned())), "{name} is not of type {kind}: {types:?}");
    }
}

/// A scalar as text.
fn text(value: &Value) -> String {
    let text = serde_yaml_ng::to_string(value).unwrap_or_default();
    text.trim().trim_matches('\'').to_owned()
}

/// What CloudFormation takes as one or many.
fn listed(value: &Value) -> &[Value] {
    value.as_sequence().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn set(list: &Value) -> BTreeSet<String> {
    list.as_sequence().expect("a list").iter().map(text).collect()
}
