//! AWS through the `aws` program, for what no SDK client of omsctl asks: it finds the caller's credentials as `sam` does,
//! single sign-on included, and prints AWS's documented JSON.

use std::fmt;

use anyhow::Context;
use regex_lite::Regex;
use serde_json::Value;

use crate::process::Process;

/// Credentials that AWS does not take.
const REFUSED_CREDENTIALS: [&str; 6] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "AuthFailure",
];
/// The exit status of `aws` when its configuration has no usable credentials or no region.
const NOT_CONFIGURED: i32 = 253;
/// What `aws` 1 says then; its exit status is that of any failure.
const NOT_CONFIGURED_SAYS: [&str; 3] =
    ["Unable to locate credentials", "You must specify a region", "The config profile"];

/// One request: a service and an operation as `aws` names them, and the input as AWS's API reference names its members.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Such as `events`.
    pub service: &'static str,
    /// Such as `describe-archive`.
    pub operation: &'static str,
    /// Such as `{"ArchiveName": "oms-prod"}`.
    pub input: Value,
}

impl Call {
    /// A request.
    #[must_use]
    pub fn new(service: &'static str, operation: &'static str, input: Value) -> Self {
        Self { service, operation, input }
    }

    fn arguments(&self) -> Vec<String> {
        let input = self.input.to_string();
        let words = [self.service, self.operation, "--cli-input-json", &input, "--output", "json"];
        words
            .into_iter()
            .chain(["--cli-connect-timeout", "10", "--cli-read-timeout", "30"])
            .map(str::to_owned)
            .collect()
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "aws {} {}", self.service, self.operation)
    }
}

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwsError {
    /// There is no program `aws`.
    NotInstalled,
    /// There are no credentials or no region, or AWS does not take them.
    NoCredentials(String),
    /// AWS refused the request. It answers the same when asked again, unless `code` is about a rate.
    Refused {
        /// Such as `ResourceNotFoundException`.
        code: String,
        /// AWS's own sentence.
        message: String,
    },
    /// AWS did not answer; another attempt may help.
    NoAnswer(String),
}

impl AwsError {
    /// Whether what was asked for does not exist.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        let Self::Refused { code, message } = self else { return false };
        code.contains("NotFound") || code.contains("NoSuch") || message.contains("does not exist")
    }

    /// Whether the caller's own machine is not ready to ask.
    #[must_use]
    pub fn is_of_the_caller(&self) -> bool {
        matches!(self, Self::NotInstalled | Self::NoCredentials(_))
    }

    /// Whether the caller may not ask this.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code.contains("AccessDenied") || code.contains("NotAuthorized"))
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => {
                f.write_str("the AWS CLI (`aws`) is missing; docs/deploying.md says how to install it")
            }
            Self::NoCredentials(why) => write!(
                f,
                "there are no credentials and no region of an AWS account ({why}); set AWS_PROFILE and AWS_REGION, and try \
                 `aws sts get-caller-identity`"
            ),
            Self::Refused { code, message } => write!(f, "{message} ({code})"),
            Self::NoAnswer(why) => write!(f, "AWS did not answer: {why}"),
        }
    }
}

impl std::error::Error for AwsError {}

/// What answers requests: AWS, or a test with recorded answers.
pub trait Ask {
    /// Asks one thing.
    fn ask(&self, call: &Call) -> impl Future<Output = Result<Value, AwsError>>;
}

/// The `aws` program.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cli;

impl Ask for Cli {
    async fn ask(&self, call: &Call) -> Result<Value, AwsError> {
        let process = Process::new("aws", call.arguments()).in_the_region().env("AWS_PAGER", "".as_ref());
        let ended = process.ended().await.map_err(|_| AwsError::NotInstalled)?;
        if !ended.status.success() {
            return Err(failure(ended.status.code(), &String::from_utf8_lossy(&ended.stderr)));
        }
        answer(&ended.stdout).map_err(|error| AwsError::NoAnswer(format!("{error:#}")))
    }
}

/// An operation without a result prints nothing.
fn answer(printed: &[u8]) -> anyhow::Result<Value> {
    if printed.trim_ascii().is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(printed).context("`aws` printed something that is not JSON")
}

fn failure(status: Option<i32>, printed: &str) -> AwsError {
    let said = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    let refusal =
        Regex::new(r"An error occurred \(([\w.]+)\) when calling the \w+ operation(?: \([^)]*\))?: (.*)$").ok();
    let refused = refusal.as_ref().and_then(|refusal| refusal.captures(&said));
    match refused.as_ref().map(|found| (found[1].to_owned(), found[2].to_owned())) {
        Some((code, message)) if REFUSED_CREDENTIALS.contains(&code.as_str()) => {
            AwsError::NoCredentials(message.trim_end_matches('.').to_owned())
        }
        Some((code, message)) => AwsError::Refused { code, message },
        None if status == Some(NOT_CONFIGURED) || NOT_CONFIGURED_SAYS.iter().any(|words| said.contains(words)) => {
            AwsError::NoCredentials(first_sentence(&said))
        }
        None => AwsError::NoAnswer(said),
    }
}

/// What follows advises commands that are not ours.
fn first_sentence(said: &str) -> String {
    let said = said.trim_start_matches("aws: [ERROR]: ");
    said.split(". ").next().unwrap_or(said).trim_end_matches('.').to_owned()
}

#[cfg(test)]
pub(crate) mod recorded;
#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As `aws` 1 and 2 print it.
    #[test]
    fn a_refusal_has_its_code_and_message() {
        let missing = failure(
            Some(254),
            "\nAn error occurred (ResourceNotFoundException) when calling the DescribeSecret operation: Secrets Manager \
             can't find the specified secret.\n",
        );
        let message = "Secrets Manager can't find the specified secret.".to_owned();
        assert_eq!(missing, AwsError::Refused { code: "ResourceNotFoundException".to_owned(), message });
        assert!(missing.is_missing() && !missing.is_denied());
        let stack = failure(
            Some(254),
            "aws: [ERROR]: An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id \
             oms-prod-orders does not exist",
        );
        assert!(stack.is_missing());
        let queue = failure(
            Some(254),
            "An error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling the GetQueueUrl operation: The \
             specified queue does not exist.",
        );
        assert!(matches!(&queue, AwsError::Refused { code, .. } if code == "AWS.SimpleQueueService.NonExistentQueue"));
        assert!(queue.is_missing());
        let denied = failure(
            Some(254),
            "An error occurred (AccessDeniedException) when calling the DescribeSecret operation (reached max retries: \
             2): User: arn:aws:sts::123456789012:assumed-role/deploy/x is not authorized to perform: \
             secretsmanager:DescribeSecret",
        );
        assert!(denied.is_denied() && !denied.is_missing());
        assert!(denied.to_string().starts_with("User: arn:"), "{denied}");
    }

    #[test]
    fn credentials_that_are_absent_or_refused_are_told_apart_from_other_failures() {
        let absent = failure(
            Some(253),
            "\nUnable to locate credentials. You can configure credentials by running \"aws configure\".\n",
        );
        assert_eq!(absent, AwsError::NoCredentials("Unable to locate credentials".to_owned()));
        let region = failure(Some(253), "aws: [ERROR]: You must specify a region. You can also configure your region…");
        assert_eq!(region, AwsError::NoCredentials("You must specify a region".to_owned()));
        let expired = failure(
            Some(254),
            "An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The security token included \
             in the request is expired",
        );
        assert!(matches!(expired, AwsError::NoCredentials(why) if why.ends_with("is expired")));
        let one = failure(Some(255), "You must specify a region. You can also configure your region by running…");
        assert!(one.is_of_the_caller(), "{one:?}");
        let offline =
            failure(Some(255), "Could not connect to the endpoint URL: \"https://sts.eu-central-1.amazonaws.com/\"");
        assert!(matches!(offline, AwsError::NoAnswer(_)));
    }

    #[test]
    fn the_input_is_one_argument_and_never_a_file_or_an_address() {
        let call = Call::new("events", "describe-archive", json!({ "ArchiveName": "file://$(touch x)" }));
        assert_eq!(
            call.arguments()[..4],
            ["events", "describe-archive", "--cli-input-json", r#"{"ArchiveName":"file://$(touch x)"}"#]
        );
    }

    #[test]
    fn an_operation_without_a_result_answers_an_empty_object() {
        assert_eq!(answer(b"\n").unwrap(), json!({}));
        assert!(answer(b"<html>").is_err());
    }
}
