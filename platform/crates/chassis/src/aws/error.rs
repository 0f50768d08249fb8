//! What an AWS service's refusal, or its silence, means: one reading of the SDK's errors for all who call AWS.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use crate::verdict::{Classify, Verdict};

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// More was asked than the service allows at this moment.
    Throttled,
    /// What was asked for is not there: a deployment is under way, or it was deleted.
    NotFound,
    /// The role or its credentials do not allow it: a policy is under way, or wrong.
    Denied,
    /// The request breaks a rule or a limit of the service, and will whenever it is sent.
    Invalid,
    /// No connection, or no answer in time.
    Unreachable,
    /// The service failed.
    ServerError,
    /// An answer that this list does not know.
    Unexpected,
}

/// Why a call of an AWS service failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AwsError {
    /// What kind of failure it is.
    pub kind: Kind,
    /// The service's own words.
    pub message: String,
}

// Source: the common errors of each service's API reference, and those of the operations that services call.
const THROTTLED: [&str; 9] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "LimitExceededException",
    "TooManyRequestsException",
    "RequestThrottled",
    "OverLimit",
    "SlowDown",
    "TransactionConflictException",
    "TransactionInProgressException",
];
const NOT_FOUND: [&str; 4] =
    ["ResourceNotFoundException", "NotFoundException", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"];
const DENIED: [&str; 9] = [
    "AccessDenied",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "MissingAuthenticationToken",
    "OptInRequired",
];
const INVALID: [&str; 7] = [
    "ValidationException",
    "ValidationError",
    "SerializationException",
    "ItemCollectionSizeLimitExceededException",
    "InvalidParameter",
    "InvalidMessageContents",
    "BadRequestException",
];

impl AwsError {
    /// What the SDK's error is.
    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        Self { kind: kind(error), message: DisplayErrorContext(error).to_string() }
    }
}

fn kind<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Kind {
    match error {
        SdkError::ConstructionFailure(_) => Kind::Invalid,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => Kind::Unreachable,
        SdkError::ResponseError(_) => Kind::ServerError,
        SdkError::ServiceError(answer) => {
            answered(answer.err().code().unwrap_or_default(), answer.raw().status().as_u16())
        }
        _ => Kind::Unexpected,
    }
}

/// By the service's code, which says more than the status; by the status where the code is not known.
fn answered(code: &str, status: u16) -> Kind {
    let one_of = |known: &[&str]| known.iter().any(|known| code.starts_with(known));
    if code.to_lowercase().contains("throttl") || one_of(&THROTTLED) {
        return Kind::Throttled;
    }
    let named = [(&NOT_FOUND[..], Kind::NotFound), (&DENIED, Kind::Denied), (&INVALID, Kind::Invalid)];
    match named.into_iter().find(|(codes, _)| one_of(codes)) {
        Some((_, kind)) => kind,
        None => match status {
            429 => Kind::Throttled,
            401 | 403 => Kind::Denied,
            413 => Kind::Invalid,
            500.. => Kind::ServerError,
            _ => Kind::Unexpected,
        },
    }
}

impl Classify for AwsError {
    fn verdict(&self) -> Verdict {
        match self.kind {
            // Also what is not there or not allowed: that can be mended while the message waits.
            Kind::Throttled | Kind::NotFound | Kind::Denied | Kind::Unreachable | Kind::ServerError => Verdict::Retry,
            Kind::Unexpected => Verdict::Suspect,
            Kind::Invalid => Verdict::Park,
        }
    }

    fn class(&self) -> &'static str {
        match self.kind {
            Kind::Throttled => "throttled",
            Kind::NotFound => "not_found",
            Kind::Denied => "denied",
            Kind::Invalid => "invalid",
            Kind::Unreachable => "unreachable",
            Kind::ServerError => "server_error",
            Kind::Unexpected => "unexpected",
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use serde_json::json;

    use super::*;

    /// What a read of an item comes to if the table answers like this, without the SDK's own retries.
    async fn read(status: &'static str, code: &'static str) -> (&'static str, Verdict) {
        let aws =
            crate::aws::tests::answering(move |_, _| Some((status, json!({ "__type": format!("x#{code}") })))).await;
        let retries = aws_config::retry::RetryConfig::disabled();
        let client = aws_sdk_dynamodb::Client::new(&aws.into_builder().retry_config(retries).build());
        let get = client.get_item().table_name("t").key("pk", AttributeValue::S("1".into()));
        let error = AwsError::of(&get.send().await.unwrap_err());
        (error.class(), error.verdict())
    }

    #[tokio::test]
    async fn a_code_says_whether_to_try_again() {
        for (status, code, expected) in [
            ("400 Bad Request", "ThrottlingException", ("throttled", Verdict::Retry)),
            ("400 Bad Request", "ProvisionedThroughputExceededException", ("throttled", Verdict::Retry)),
            ("400 Bad Request", "ResourceNotFoundException", ("not_found", Verdict::Retry)),
            ("400 Bad Request", "AccessDeniedException", ("denied", Verdict::Retry)),
            ("400 Bad Request", "ExpiredTokenException", ("denied", Verdict::Retry)),
            ("400 Bad Request", "ValidationException", ("invalid", Verdict::Park)),
            ("400 Bad Request", "SomethingNewException", ("unexpected", Verdict::Suspect)),
            ("500 Internal Server Error", "InternalServerError", ("server_error", Verdict::Retry)),
            ("503 Service Unavailable", "SomethingNewException", ("server_error", Verdict::Retry)),
        ] {
            assert_eq!(read(status, code).await, expected, "{status} {code}");
        }
    }

    #[test]
    fn without_a_known_code_the_status_says_it() {
        let statuses = [(429, Kind::Throttled), (401, Kind::Denied), (403, Kind::Denied), (413, Kind::Invalid)];
        for (status, kind) in [&statuses[..], &[(502, Kind::ServerError), (404, Kind::Unexpected)]].concat() {
            assert_eq!(answered("", status), kind, "{status}");
        }
        for code in ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"] {
            assert_eq!(answered(code, 400), Kind::NotFound);
        }
        assert_eq!(answered("InvalidParameterValue", 400), Kind::Invalid);
    }
}
