//! The templates' parameters, as a person sets them: each value is checked against every template that declares it, before
//! anything is built or deployed.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::fs;

use anyhow::{Context, Result, bail};
use regex_lite::Regex;
use serde::Deserialize;
use serde_yaml_ng::Value;

use crate::repository::Repository;
use crate::wrong::WrongArgument;

/// Parameters that omsctl sets itself, and how a person chooses their value.
const DECIDED: [(&str, &str); 3] = [
    ("Stage", "name the stage itself instead"),
    ("Emulated", "`just up` is for an emulator and `just deploy` for AWS"),
    ("Architecture", "it is that of the build"),
];
/// How alike two names must be for one to be meant by the other, from 0 to 1.
const ALIKE: f64 = 0.8;

/// Parses `NAME=VALUE`.
///
/// # Errors
/// When the text has another form, or its name is not a parameter's.
pub fn assignment(text: &str) -> Result<(String, String), String> {
    let form = || format!("{text:?} is not NAME=VALUE, such as HoldSeconds=600");
    let (name, value) = text.split_once('=').ok_or_else(form)?;
    if name.is_empty() || !name.chars().all(|it| it.is_ascii_alphanumeric()) {
        return Err(form());
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// The rules of the parameters that some templates declare.
#[derive(Debug, Default)]
pub struct Rules(BTreeMap<String, Vec<Rule>>);

#[derive(Deserialize)]
struct Template {
    #[serde(default, rename = "Parameters")]
    parameters: BTreeMap<String, Rule>,
}

/// What one template says of a parameter.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    allowed_values: Vec<Value>,
    allowed_pattern: Option<String>,
    /// The pattern in words.
    constraint_description: Option<String>,
    min_value: Option<i64>,
    max_value: Option<i64>,
    default: Option<Value>,
}

impl Rules {
    /// Reads the rules of these templates.
    ///
    /// # Errors
    /// When a template cannot be read.
    pub fn read(repository: &Repository, templates: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut rules = Self::default();
        for template in templates {
            let text = fs::read_to_string(repository.path(&template));
            rules.add(&text.with_context(|| format!("cannot read {template}"))?).context(template)?;
        }
        Ok(rules)
    }

    fn add(&mut self, template: &str) -> Result<()> {
        if template.trim().is_empty() {
            return Ok(());
        }
        for (name, rule) in serde_yaml_ng::from_str::<Template>(template)?.parameters {
            self.0.entry(name).or_default().push(rule);
        }
        Ok(())
    }

    /// Refuses the first value that a template would not take.
    ///
    /// # Errors
    /// [`WrongArgument`], which names the parameter, its rule and the value.
    pub fn check(&self, values: &BTreeMap<String, String>) -> Result<()> {
        for (name, value) in values {
            if let Some((_, instead)) = DECIDED.iter().find(|(decided, _)| decided == name) {
                bail!(WrongArgument(format!("{name} cannot be set: {instead}")));
            }
            let rules = self.0.get(name).ok_or_else(|| WrongArgument(self.unknown(name)))?;
            if let Some(broken) = rules.iter().find_map(|rule| rule.broken_by(value)) {
                bail!(WrongArgument(format!("{name} must be {broken} (was {value:?})")));
            }
        }
        Ok(())
    }

    /// Whether one of the templates has this parameter.
    #[must_use]
    pub fn declare(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The value that a parameter has if nobody sets it.
    #[must_use]
    pub fn default_of(&self, name: &str) -> Option<String> {
        self.0.get(name)?.iter().find_map(|rule| rule.default.as_ref().and_then(text))
    }

    fn unknown(&self, name: &str) -> String {
        let names: Vec<&str> = self
            .0
            .keys()
            .map(String::as_str)
            .filter(|name| DECIDED.iter().all(|(decided, _)| decided != name))
            .collect();
        let alike = |other: &&str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
        let nearest = names.iter().copied().max_by(|one, other| alike(one).total_cmp(&alike(other)));
        let meant = nearest.filter(|nearest| alike(nearest) >= ALIKE);
        let meant = meant.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
        format!(
            "no template of this deployment has a parameter {name:?}{meant}\nIt can be one of: {}",
            names.join(", ")
        )
    }
}

impl Rule {
    /// The rule that a value breaks, as it continues "must be".
    fn broken_by(&self, value: &str) -> Option<String> {
        if self.kind == "Number" {
            // CloudFormation takes fractions and exponents, too, on which a function that reads a whole number would not start.
            let number = value.parse::<i64>();
            return (!number.is_ok_and(|number| self.has(number))).then(|| self.range());
        }
        let allowed: Vec<String> = self.allowed_values.iter().filter_map(text).collect();
        if !allowed.is_empty() && !allowed.iter().any(|allowed| allowed == value) {
            return Some(format!("one of {}", allowed.join(", ")));
        }
        let pattern = self.allowed_pattern.as_deref()?;
        let Ok(whole) = Regex::new(&format!("^(?:{pattern})$")) else { return Some(format!("of the form {pattern}")) };
        let is_list = self.kind == "CommaDelimitedList";
        let parts: Vec<&str> = if is_list { value.split(',').map(str::trim).collect() } else { vec![value] };
        let fits = !value.contains('\n') && parts.iter().all(|part| whole.is_match(part));
        (!fits).then(|| self.constraint_description.clone().unwrap_or_else(|| format!("of the form {pattern}")))
    }

    fn has(&self, number: i64) -> bool {
        let allowed: Vec<i64> = self.allowed_values.iter().filter_map(Value::as_i64).collect();
        let is_allowed = allowed.is_empty() || allowed.contains(&number);
        is_allowed && self.min_value.is_none_or(|min| number >= min) && self.max_value.is_none_or(|max| number <= max)
    }

    fn range(&self) -> String {
        let allowed: Vec<String> = self.allowed_values.iter().filter_map(text).collect();
        match (self.min_value, self.max_value) {
            (_, _) if !allowed.is_empty() => format!("one of {}", allowed.join(", ")),
            (Some(min), Some(max)) => format!("a whole number between {min} and {max}"),
            (Some(min), None) => format!("a whole number of at least {min}"),
            (None, Some(max)) => format!("a whole number of at most {max}"),
            (None, None) => "a whole number".to_owned(),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}

/// A value as `sam deploy --parameter-overrides` reads it: in quotes unless it is one plain word.
#[derive(Debug)]
pub(crate) struct Override<'a>(pub(crate) &'a str, pub(crate) &'a str);

impl Display for Override<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name, value) = self;
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_.:/@+,".contains(it);
        if !value.is_empty() && value.chars().all(is_plain) {
            return write!(f, "{name}={value}");
        }
        write!(f, "{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

#[cfg(test)]
mod tests;
