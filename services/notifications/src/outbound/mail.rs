//! The channel: Simple Email Service.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sesv2::config::http::HttpResponse;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use aws_sdk_sesv2::{Client, config};

use super::Letter;
use crate::domain::address::EmailAddress;
use crate::domain::delivery::{Failure, Outcome};

/// How long an answer is waited for: well within the function's time, so that the outcome can still be written down.
const PATIENCE: Duration = Duration::from_secs(8);

/// Sends mail from one address.
#[derive(Debug, Clone)]
pub struct PostOffice {
    client: Client,
    sender: String,
}

/// What came of an attempt to send, and SES's word for it. Its sentence stays behind: it may name the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What is known of the message.
    pub outcome: Outcome,
    /// SES's code, or a word of ours where SES gave none.
    pub code: String,
}

impl PostOffice {
    /// Sends from the address `sender`. SES does not know repetitions, so the client makes none of its own.
    #[must_use]
    pub fn new(aws: &SdkConfig, sender: String) -> Self {
        let config = config::Builder::from(aws)
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
            .build();
        Self { client: Client::from_conf(config), sender }
    }

    /// Hands a letter over, at most once.
    pub async fn send(&self, to: &EmailAddress, letter: &Letter) -> Attempt {
        let Ok(content) = content(letter) else { return attempt(Outcome::NotSent, "unbuilt") };
        let destination = Destination::builder().to_addresses(to.reveal()).build();
        let request = self.client.send_email().from_email_address(&self.sender).destination(destination);
        match request.content(content).send().await {
            Ok(_) => attempt(Outcome::Sent, "sent"),
            Err(error) => failed(&error),
        }
    }
}

fn content(letter: &Letter) -> Result<EmailContent, BuildError> {
    let utf8 = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let body = Body::builder().text(utf8(&letter.text)?).html(utf8(&letter.html)?).build();
    Ok(EmailContent::builder().simple(Message::builder().subject(utf8(&letter.subject)?).body(body).build()).build())
}

fn failed(error: &SdkError<SendEmailError, HttpResponse>) -> Attempt {
    match error {
        SdkError::ConstructionFailure(_) => attempt(Outcome::NotSent, "construction"),
        SdkError::DispatchFailure(failure) => {
            let unreached = failure.as_connector_error().is_some_and(|error| unreached(error));
            attempt(if unreached { Outcome::NotSent } else { Outcome::Unknown }, "dispatch")
        }
        SdkError::ServiceError(context) => {
            let outcome = answered(context.err(), context.raw().status().as_u16());
            attempt(outcome, context.err().code().unwrap_or("unnamed"))
        }
        SdkError::TimeoutError(_) => attempt(Outcome::Unknown, "timeout"),
        SdkError::ResponseError(_) | _ => attempt(Outcome::Unknown, "response"),
    }
}

/// What an answer of SES means for the message. Where the account or the set-up is at fault, and not the message, it is
/// kept: it goes out when the fault is mended, from the queue or, later, from the dead-letter queue.
fn answered(error: &SendEmailError, status: u16) -> Outcome {
    let refused = error.is_message_rejected() || error.is_bad_request_exception();
    match status {
        _ if refused => Outcome::Failed(Failure::Refused),
        400..500 | 503 => Outcome::NotSent,
        // SES failed at a point that it does not name.
        _ => Outcome::Unknown,
    }
}

/// Whether the connection was never made.
fn unreached(error: &(dyn Error + 'static)) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable))
        || error.source().is_some_and(unreached)
}

fn attempt(outcome: Outcome, code: &str) -> Attempt {
    Attempt { outcome, code: code.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sesv2::error::ErrorMetadata;
    use aws_sdk_sesv2::types::error::{BadRequestException, MessageRejected, TooManyRequestsException};

    #[test]
    fn an_answer_of_ses_decides_what_becomes_of_the_message() {
        let other = |code: &str| SendEmailError::generic(ErrorMetadata::builder().code(code).build());
        let refused = Outcome::Failed(Failure::Refused);
        for (error, status, outcome) in [
            (SendEmailError::MessageRejected(MessageRejected::builder().build()), 400, refused),
            (SendEmailError::BadRequestException(BadRequestException::builder().build()), 400, refused),
            (
                SendEmailError::TooManyRequestsException(TooManyRequestsException::builder().build()),
                429,
                Outcome::NotSent,
            ),
            (other("AccessDeniedException"), 403, Outcome::NotSent),
            (other("ServiceUnavailable"), 503, Outcome::NotSent),
            (other("InternalFailure"), 500, Outcome::Unknown),
        ] {
            assert_eq!(answered(&error, status), outcome, "{error}");
        }
    }

    #[test]
    fn only_a_connection_that_was_never_made_is_certain() {
        assert!(unreached(&io::Error::from(ErrorKind::ConnectionRefused)));
        assert!(!unreached(&io::Error::from(ErrorKind::ConnectionReset)));
    }
}
