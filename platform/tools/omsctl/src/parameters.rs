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
    min_value: Option<f64>,
    max_value: Option<f64>,
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
            let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
            return (!number.is_some_and(|number| self.has(number))).then(|| self.range());
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

    fn has(&self, number: f64) -> bool {
        let allowed: Vec<f64> = self.allowed_values.iter().filter_map(Value::as_f64).collect();
        let is_allowed = allowed.is_empty() || allowed.iter().any(|allowed| allowed.total_cmp(&number).is_eq());
        is_allowed && self.min_value.is_none_or(|min| number >= min) && self.max_value.is_none_or(|max| number <= max)
    }

    fn range(&self) -> String {
        let allowed: Vec<String> = self.allowed_values.iter().filter_map(text).collect();
        match (self.min_value, self.max_value) {
            (_, _) if !allowed.is_empty() => format!("one of {}", allowed.join(", ")),
            (Some(min), Some(max)) => format!("a number between {min} and {max}"),
            (Some(min), None) => format!("a number of at least {min}"),
            (None, Some(max)) => format!("a number of at most {max}"),
            (None, None) => "a number".to_owned(),
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
mod tests {
    use super::*;

    const ORDERS: &str = "
Parameters:
  Stage: { Type: String, AllowedPattern: '[a-z]+' }
  HoldSeconds: { Type: Number, Default: 900, MinValue: 1, Description: How long. }
  GatewayTimeoutMs: { Type: Number, MinValue: 1000, MaxValue: 12000 }
  LogRetentionDays: { Type: Number, AllowedValues: [1, 30] }
  GatewayUrl:
    Type: String
    AllowedPattern: '(https?://[^\\s/]+\\S*)?'
    ConstraintDescription: an http or https URL
  Accounts: { Type: CommaDelimitedList, AllowedPattern: '([0-9]{12})?' }
  Mode: { Type: String, AllowedValues: ['on', 'off'] }
  Free: { Type: String }
Resources:
  Function: { Type: X, Name: !Sub 'oms-${Stage}' }
";
    const PAYMENTS: &str =
        "Parameters:\n  HoldSeconds: { Type: Number, MaxValue: 100 }\n  Emulated: { Type: String }\n";

    fn refusal(name: &str, value: &str) -> Option<String> {
        let mut rules = Rules::default();
        rules.add(ORDERS).unwrap();
        rules.add(PAYMENTS).unwrap();
        let error = rules.check(&BTreeMap::from([(name.to_owned(), value.to_owned())])).err()?;
        Some(error.downcast::<WrongArgument>().unwrap().to_string())
    }

    #[test]
    fn a_value_that_every_template_allows_is_taken() {
        for (name, value) in [
            ("HoldSeconds", "1"),
            ("HoldSeconds", "100"),
            ("GatewayTimeoutMs", "12000"),
            ("LogRetentionDays", "30"),
            ("GatewayUrl", ""),
            ("GatewayUrl", "https://api.example.com/v1?x=1"),
            ("Accounts", "123456789012, 210987654321"),
            ("Mode", "off"),
            ("Free", "what ever"),
        ] {
            assert_eq!(refusal(name, value), None, "{name}={value}");
        }
    }

    #[test]
    fn a_value_that_breaks_a_rule_is_refused_with_its_name_the_rule_and_the_value() {
        for (name, value, expected) in [
            ("HoldSeconds", "-5", r#"HoldSeconds must be a number of at least 1 (was "-5")"#),
            ("HoldSeconds", "101", r#"HoldSeconds must be a number of at most 100 (was "101")"#),
            ("HoldSeconds", "soon", r#"HoldSeconds must be a number of at least 1 (was "soon")"#),
            ("HoldSeconds", "NaN", r#"HoldSeconds must be a number of at least 1 (was "NaN")"#),
            ("HoldSeconds", "", r#"HoldSeconds must be a number of at least 1 (was "")"#),
            ("GatewayTimeoutMs", "1", r#"GatewayTimeoutMs must be a number between 1000 and 12000 (was "1")"#),
            ("LogRetentionDays", "2", r#"LogRetentionDays must be one of 1, 30 (was "2")"#),
            ("GatewayUrl", "not a url", r#"GatewayUrl must be an http or https URL (was "not a url")"#),
            ("GatewayUrl", "https://a\nb", r#"GatewayUrl must be an http or https URL (was "https://a\nb")"#),
            ("Accounts", "1,2", r#"Accounts must be of the form ([0-9]{12})? (was "1,2")"#),
            ("Mode", "maybe", r#"Mode must be one of on, off (was "maybe")"#),
        ] {
            assert_eq!(refusal(name, value).as_deref(), Some(expected));
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_one() {
        let holds = refusal("HoldSecond", "1").unwrap();
        assert!(
            holds.contains("has a parameter \"HoldSecond\"; did you mean HoldSeconds?\nIt can be one of: "),
            "{holds}"
        );
        let nonsense = refusal("Nonsense", "1").unwrap();
        assert!(nonsense.contains("\"Nonsense\"\nIt can be one of: Accounts, Free, "), "{nonsense}");
        assert!(!nonsense.contains("Stage"), "{nonsense}");
    }

    #[test]
    fn what_omsctl_decides_itself_cannot_be_set() {
        for name in ["Stage", "Emulated", "Architecture"] {
            assert!(refusal(name, "x").unwrap().starts_with(&format!("{name} cannot be set: ")));
        }
    }

    #[test]
    fn an_assignment_has_a_name() {
        assert_eq!(assignment("A=b=c").unwrap(), ("A".to_owned(), "b=c".to_owned()));
        assert_eq!(assignment("A=").unwrap(), ("A".to_owned(), String::new()));
        for text in ["", "=", "=1", "A", "A b=1", "--set=1"] {
            assert!(assignment(text).unwrap_err().contains("is not NAME=VALUE"), "{text}");
        }
    }

    #[test]
    fn sam_gets_a_value_with_spaces_or_quotes_as_one() {
        let text = |value| Override("A", value).to_string();
        assert_eq!(text("https://a.example/b"), "A=https://a.example/b");
        assert_eq!([text(""), text("a b"), text("a\"\\b")], [r#"A="""#, r#"A="a b""#, r#"A="a\"\\b""#]);
    }

    #[test]
    fn the_templates_of_this_repository_have_rules_that_can_be_checked() {
        let repository = Repository::find().unwrap();
        let projects = crate::package::deployable(&repository).unwrap();
        let rules = Rules::read(&repository, crate::stacks::templates(&projects)).unwrap();
        for (name, value) in [
            ("GatewayUrl", "not a url"),
            ("AlarmEmail", "nobody"),
            ("SenderAddress", "me@here"),
            ("HoldSeconds", "-5"),
            ("ConsumerAccounts", "12"),
        ] {
            assert!(rules.check(&BTreeMap::from([(name.to_owned(), value.to_owned())])).is_err(), "{name}");
        }
        for (name, value) in [
            ("GatewayUrl", "http://127.0.0.1:4566/x/$default"),
            ("AlarmEmail", "a@b.example"),
            ("ConsumerAccounts", ""),
            ("ApiBase", ""),
        ] {
            rules.check(&BTreeMap::from([(name.to_owned(), value.to_owned())])).unwrap();
        }
    }
}
