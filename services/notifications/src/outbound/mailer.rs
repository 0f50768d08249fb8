//! Mail → Simple Email Service (SES), the only channel.

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

use super::Mail;
use crate::domain::contact::EmailAddress;
use crate::domain::message::{Failure, SendResult};

/// How long the mailer waits for an answer: well within the function's time, so that the result can still be saved.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Sends mail from one address.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    sender: String,
}

/// One attempt to send: its result, and SES's code for it. SES's sentence is left out, because it may name the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What the answer means for the message.
    pub result: SendResult,
    /// SES's code, or a word of ours where SES gave none.
    pub code: String,
}

impl Mailer {
    /// Sends from the address `sender`. SES does not recognise repetitions, so the client does not retry.
    #[must_use]
    pub fn new(aws: &SdkConfig, sender: String) -> Self {
        // Each of them: what is not set here would be as short as a table's.
        let limits = TimeoutConfig::builder().read_timeout(TIMEOUT).operation_attempt_timeout(TIMEOUT);
        let config = config::Builder::from(aws)
            .retry_config(RetryConfig::disabled())
            .timeout_config(limits.operation_timeout(TIMEOUT).build())
            .build();
        Self { client: Client::from_conf(config), sender }
    }

    /// Hands a mail over, at most once.
    pub async fn send(&self, to: &EmailAddress, mail: &Mail) -> Attempt {
        let Ok(content) = content(mail) else { return attempt(SendResult::NotSent, "unbuilt") };
        let destination = Destination::builder().to_addresses(to.reveal()).build();
        let request = self.client.send_email().from_email_address(&self.sender).destination(destination);
        match request.content(content).send().await {
            Ok(_) => attempt(SendResult::Sent, "sent"),
            Err(error) => failed(&error),
        }
    }
}

fn content(mail: &Mail) -> Result<EmailContent, BuildError> {
    let utf8 = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let body = Body::builder().text(utf8(&mail.text)?).html(utf8(&mail.html)?).build();
    Ok(EmailContent::builder().simple(Message::builder().subject(utf8(&mail.subject)?).body(body).build()).build())
}

fn failed(error: &SdkError<SendEmailError, HttpResponse>) -> Attempt {
    match error {
        SdkError::ConstructionFailure(_) => attempt(SendResult::NotSent, "construction"),
        SdkError::DispatchFailure(failure) => {
            let unreached = failure.as_connector_error().is_some_and(|error| unreached(error));
            attempt(if unreached { SendResult::NotSent } else { SendResult::Unknown }, "dispatch")
        }
        SdkError::ServiceError(context) => {
            let result = answered(context.err(), context.raw().status().as_u16());
            attempt(result, context.err().code().unwrap_or("unnamed"))
        }
        SdkError::TimeoutError(_) => attempt(SendResult::Unknown, "timeout"),
        SdkError::ResponseError(_) | _ => attempt(SendResult::Unknown, "response"),
    }
}

/// What an answer of SES means for the message. Where the account or the set-up is at fault, and not the message, the
/// message is not lost: once the fault is mended, the queue or a redrive of the dead-letter queue sends it.
fn answered(error: &SendEmailError, status: u16) -> SendResult {
    let refused = error.is_message_rejected() || error.is_bad_request_exception();
    match status {
        _ if refused => SendResult::Failed(Failure::Refused),
        400..500 | 503 => SendResult::NotSent,
        // SES failed, and it is not known at which point.
        _ => SendResult::Unknown,
    }
}

/// Whether the connection was never made.
fn unreached(error: &(dyn Error + 'static)) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable))
        || error.source().is_some_and(unreached)
}

fn attempt(result: SendResult, code: &str) -> Attempt {
    Attempt { result, code: code.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sesv2::error::ErrorMetadata;
    use aws_sdk_sesv2::types::error::{BadRequestException, MessageRejected, TooManyRequestsException};

    #[test]
    fn an_answer_of_ses_decides_what_becomes_of_the_message() {
        let other = |code: &str| SendEmailError::generic(ErrorMetadata::builder().code(code).build());
        let refused = SendResult::Failed(Failure::Refused);
        for (error, status, result) in [
            (SendEmailError::MessageRejected(MessageRejected::builder().build()), 400, refused),
            (SendEmailError::BadRequestException(BadRequestException::builder().build()), 400, refused),
            (
                SendEmailError::TooManyRequestsException(TooManyRequestsException::builder().build()),
                429,
                SendResult::NotSent,
            ),
            (other("AccessDeniedException"), 403, SendResult::NotSent),
            (other("ServiceUnavailable"), 503, SendResult::NotSent),
            (other("InternalFailure"), 500, SendResult::Unknown),
        ] {
            assert_eq!(answered(&error, status), result, "{error}");
        }
    }

    #[test]
    fn only_a_connection_that_was_never_made_is_certain() {
        assert!(unreached(&io::Error::from(ErrorKind::ConnectionRefused)));
        assert!(!unreached(&io::Error::from(ErrorKind::ConnectionReset)));
    }
}
