//! Mail → Simple Email Service (SES), the only channel.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::BuildError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use aws_sdk_sesv2::{Client, config};

use super::{Answer, Attempt, Mail};
use crate::domain::contact::EmailAddress;

/// How long the mailer waits for an answer: well within the function's time, so that the result can still be saved.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Sends mail from one address.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    sender: String,
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
        let Ok(content) = content(mail) else { return Attempt::of(Answer::Later, "unbuilt") };
        let destination = Destination::builder().to_addresses(to.reveal()).build();
        let request = self.client.send_email().from_email_address(&self.sender).destination(destination);
        match request.content(content).send().await {
            Ok(_) => Attempt::of(Answer::Taken, "sent"),
            Err(error) => Attempt::failed(&error),
        }
    }
}

fn content(mail: &Mail) -> Result<EmailContent, BuildError> {
    let utf8 = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let body = Body::builder().text(utf8(&mail.text)?).html(utf8(&mail.html)?).build();
    Ok(EmailContent::builder().simple(Message::builder().subject(utf8(&mail.subject)?).body(body).build()).build())
}
