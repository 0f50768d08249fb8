//! A template as JSON, with its short forms (`!Ref`, `!Sub`, …) written out as CloudFormation reads them.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use serde_yaml_ng::Value as Yaml;
use serde_yaml_ng::value::TaggedValue;

/// Reads a template.
///
/// # Errors
/// When the text is not YAML, or has something that JSON does not.
pub fn parse(template: &str) -> Result<Value> {
    plain(serde_yaml_ng::from_str(template).context("the template is not YAML")?)
}

fn plain(yaml: Yaml) -> Result<Value> {
    match yaml {
        Yaml::Tagged(tagged) => function(*tagged),
        Yaml::Sequence(items) => Ok(Value::Array(items.into_iter().map(plain).collect::<Result<_>>()?)),
        Yaml::Mapping(members) => {
            let member = |(name, value): (Yaml, Yaml)| {
                let name = name.as_str().context("a key of the template is not a text")?.to_owned();
                anyhow::Ok((name, plain(value)?))
            };
            Ok(Value::Object(members.into_iter().map(member).collect::<Result<Map<_, _>>>()?))
        }
        scalar @ (Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_)) => Ok(serde_json::to_value(scalar)?),
    }
}

fn function(tagged: TaggedValue) -> Result<Value> {
    let tag = tagged.tag.to_string();
    let name = tag.trim_start_matches('!');
    let argument = match (name, plain(tagged.value)?) {
        ("GetAtt", Value::String(path)) => {
            let Some((resource, attribute)) = path.split_once('.') else { bail!("!GetAtt {path} names no attribute") };
            Value::from(vec![resource, attribute])
        }
        (_, argument) => argument,
    };
    let name = if matches!(name, "Ref" | "Condition") { name.to_owned() } else { format!("Fn::{name}") };
    Ok(Value::Object(Map::from_iter([(name, argument)])))
}

/// Every text in a part of a template.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![],
    }
}

/// A name as a stack of this stage has it; `None` if more than the stage decides about it.
#[must_use]
pub fn name_in(stage: &str, name: &Value) -> Option<String> {
    let text = name.as_str().or_else(|| name.get("Fn::Sub")?.as_str())?;
    let name = text.replace("${Stage}", stage);
    (!name.contains("${")).then_some(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_forms_are_written_out() {
        let template = "
Conditions: { OnAws: !Equals [!Ref Emulated, 'false'], Both: !And [!Condition OnAws, !Condition OnAws] }
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties: { TableName: !Sub 'oms-${Stage}-orders', Protected: !If [OnAws, true, false], Arn: !GetAtt A.B.C }
";
        let expected = json!({
            "Conditions": {
                "OnAws": { "Fn::Equals": [{ "Ref": "Emulated" }, "false"] },
                "Both": { "Fn::And": [{ "Condition": "OnAws" }, { "Condition": "OnAws" }] },
            },
            "Resources": { "Table": { "Type": "AWS::DynamoDB::Table", "Properties": {
                "TableName": { "Fn::Sub": "oms-${Stage}-orders" },
                "Protected": { "Fn::If": ["OnAws", true, false] },
                "Arn": { "Fn::GetAtt": ["A", "B.C"] },
            } } },
        });
        assert_eq!(parse(template).unwrap(), expected);
        assert!(parse("a: !GetAtt B").is_err() && parse("1: a").is_err() && parse("a: [").is_err());
    }

    #[test]
    fn a_name_is_known_if_the_stage_alone_decides_it() {
        assert_eq!(name_in("prod", &json!({ "Fn::Sub": "oms-${Stage}-orders" })).unwrap(), "oms-prod-orders");
        assert_eq!(name_in("prod", &json!("fixed")).unwrap(), "fixed");
        assert_eq!(name_in("prod", &json!({ "Fn::Sub": "oms-${Stage}-${Other}" })), None);
        assert_eq!(name_in("prod", &json!({ "Ref": "Name" })), None);
    }
}
