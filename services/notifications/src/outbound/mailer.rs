//! Mail → Simple Email Service (SES), the only channel.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::BuildError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageTag};
use aws_sdk_sesv2::{Client, config};

use super::{Answer, Attempt, Mail};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{AddressMark, ClaimId, OrderId};
use crate::domain::message::Template;

/// How long the mailer waits for an answer: well within the function's time, so that the result can still be saved.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Sends mail from one address.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    sender: String,
    configuration_set: Option<String>,
}

/// What a mail is about: SES repeats it in what it reports of the mail later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// The order.
    pub order: &'a OrderId,
    /// What the mail is made from.
    pub template: Template,
    /// This attempt to send it.
    pub attempt: ClaimId,
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
        Self { client: Client::from_conf(config), sender, configuration_set: None }
    }

    /// The same mailer, whose mails SES reports on as this configuration set says.
    #[must_use]
    pub fn reporting(self, configuration_set: String) -> Self {
        Self { configuration_set: Some(configuration_set), ..self }
    }

    /// Hands a mail over that is about no order, at most once.
    pub async fn send(&self, to: &EmailAddress, mail: &Mail) -> Attempt {
        self.hand_over(to, mail, None).await
    }

    /// Hands a mail about an order over, at most once.
    pub async fn send_about(&self, about: About<'_>, to: &EmailAddress, mail: &Mail) -> Attempt {
        let About { order, template, attempt } = about;
        let mark = AddressMark::of(to.reveal()).to_string();
        // Letters, digits, `-` and `_` are all that SES takes.
        let tags = [
            ("order", order.as_str()),
            ("template", template.as_str()),
            ("attempt", &attempt.to_string()),
            ("address", &mark),
        ]
        .map(|(name, value)| MessageTag::builder().name(name).value(value).build());
        match tags.into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(tags) => self.hand_over(to, mail, Some(tags)).await,
            Err(_) => Attempt::of(Answer::Later, "unbuilt"),
        }
    }

    async fn hand_over(&self, to: &EmailAddress, mail: &Mail, tags: Option<Vec<MessageTag>>) -> Attempt {
        let Ok(content) = content(mail) else { return Attempt::of(Answer::Later, "unbuilt") };
        let destination = Destination::builder().to_addresses(to.reveal()).build();
        let request = self.client.send_email().from_email_address(&self.sender).destination(destination);
        let request = request.set_configuration_set_name(self.configuration_set.clone()).set_email_tags(tags);
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
