//! Invokes one function by hand.

use anyhow::{Context, Result};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use aws_smithy_types::base64;

use crate::aws::{Aws, AwsContext};

/// A function's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The result, or the description of the error.
    pub payload: String,
    /// The class of error, if the function failed.
    pub error: Option<String>,
    /// The last 4 KB that it logged.
    pub log: String,
}

/// Invokes a function and waits for its answer.
///
/// # Errors
/// When the function cannot be invoked. A function that fails is part of the answer.
pub async fn invoke(aws: &Aws, function: &str, payload: Vec<u8>) -> Result<Answer> {
    let request = aws.lambda().invoke().function_name(function).log_type(LogType::Tail).payload(Blob::new(payload));
    let answer = request.send().await.aws_context(format!("cannot invoke {function}"))?;
    let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
    let log = answer.log_result.map(base64::decode).transpose().context("the log is not base64")?.unwrap_or_default();
    Ok(Answer {
        payload: String::from_utf8_lossy(&payload).into_owned(),
        error: answer.function_error,
        log: String::from_utf8_lossy(&log).into_owned(),
    })
}
