//! What omsctl reads and changes in a template's text before CloudFormation gets it.

use std::collections::BTreeMap;

use crate::hash::sha256;

pub mod json;

/// The line with which a template names its code; `sam deploy` reads the same line.
const CODE: &str = "CodeUri: build/bootstrap.zip";

/// Whether the template has functions whose code must be uploaded first.
#[must_use]
pub fn needs_code(template: &str) -> bool {
    template.lines().any(|line| line.trim() == CODE)
}

/// The template with its code in a bucket, as `sam package` would write it.
#[must_use]
pub fn with_code_at(template: &str, bucket: &str, key: &str) -> String {
    let uploaded = format!("CodeUri: {{ Bucket: {bucket}, Key: {key} }}");
    let lines =
        template.lines().map(|line| if line.trim() == CODE { line.replace(CODE, &uploaded) } else { line.into() });
    lines.collect::<Vec<String>>().join("\n") + "\n"
}

/// The template with a last line that changes with the values of its parameters: two equal texts are the same deployment.
#[must_use]
pub fn with_parameters_noted(template: &str, parameters: &BTreeMap<String, String>) -> String {
    let separator = if template.ends_with('\n') { "" } else { "\n" };
    let parameters = sha256(format!("{parameters:?}").as_bytes());
    format!("{template}{separator}# deployed with the parameters {parameters}\n")
}

/// The values whose parameter the template declares; CloudFormation refuses others.
#[must_use]
pub fn declared(template: &str, values: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let names: Vec<&str> = parameter_names(template).collect();
    values
        .iter()
        .filter(|(name, _)| names.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The keys one level below `Parameters:`. The lint of the templates enforces an indent of two spaces.
fn parameter_names(template: &str) -> impl Iterator<Item = &str> {
    let section = template.lines().skip_while(|line| line.trim_end() != "Parameters:").skip(1);
    section
        .take_while(|line| line.is_empty() || line.starts_with([' ', '#']))
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with([' ', '#']))
        .filter_map(|line| line.split_once(':').map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31

Parameters:
  Stage:
    Type: String
    AllowedPattern: '[a-z]+:?'

  # How long to wait.
# A comment at the margin.
  RetryBackoffSeconds: { Type: Number, Default: 30 }

Globals:
  Function:
    CodeUri: build/bootstrap.zip
  Api:
    Emulated: no parameter
";

    fn values(names: &[&str]) -> BTreeMap<String, String> {
        names.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect()
    }

    #[test]
    fn only_declared_parameters_are_passed_on() {
        let passed = declared(TEMPLATE, &values(&["Stage", "RetryBackoffSeconds", "Emulated", "Function", "Type"]));
        assert_eq!(passed, values(&["Stage", "RetryBackoffSeconds"]));
    }

    #[test]
    fn a_template_without_parameters_gets_none() {
        assert!(declared("Resources:\n  Stage:\n    Type: X\n", &values(&["Stage"])).is_empty());
    }

    #[test]
    fn the_code_moves_to_the_bucket_and_no_other_line_changes() {
        let packaged = with_code_at(TEMPLATE, "artifacts", "orders/abc.zip");
        assert!(packaged.contains("\n    CodeUri: { Bucket: artifacts, Key: orders/abc.zip }\n"));
        assert_eq!(packaged.replace("{ Bucket: artifacts, Key: orders/abc.zip }", "build/bootstrap.zip"), TEMPLATE);
    }

    #[test]
    fn other_parameters_make_another_text_and_change_nothing_but_the_last_line() {
        let noted = |names: &[&str], template: &str| with_parameters_noted(template, &values(names));
        let one = noted(&["Stage"], TEMPLATE);
        assert_eq!(one, noted(&["Stage"], TEMPLATE));
        assert_ne!(one, noted(&["Stage", "RetryBackoffSeconds"], TEMPLATE));
        assert!(one.starts_with(TEMPLATE));
        let comment = one.strip_prefix(TEMPLATE).unwrap();
        assert!(comment.starts_with("# ") && comment.lines().count() == 1, "{comment}");
        assert_eq!(noted(&["Stage"], TEMPLATE.trim_end()), one);
    }

    #[test]
    fn a_template_without_functions_needs_no_code() {
        assert!(needs_code(TEMPLATE));
        assert!(!needs_code("Resources:\n  # CodeUri: build/bootstrap.zip\n"));
    }
}
