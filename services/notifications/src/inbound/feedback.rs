//! What SES reports of a mail that it took, as the rules of the default bus hand it on: without its address → report.

use chassis::consumer::Foreign;
use chassis::verdict::{Classify, Verdict};
use serde::Deserialize;
use uuid::Uuid;

use crate::application::apply_feedback::{Correction, FeedbackError, Report, apply_feedback};
use crate::domain::feedback::Feedback;
use crate::domain::ids::{AddressMark, ClaimId, OrderId};
use crate::domain::message::Template;

/// The types that the rules bring. AWS lets nobody else put events whose source begins with `aws.`.
pub const HANDLED: [&str; 2] = [BOUNCED, COMPLAINED];

const SOURCE: &str = "aws.ses";
const BOUNCED: &str = "Email Bounced";
const COMPLAINED: &str = "Email Complaint Received";

/// Why a message was not applied.
#[derive(Debug, thiserror::Error)]
pub enum NotApplied {
    /// It does not have the form that the rules give it. What it has instead may be an address, so only the place is told.
    #[error("the message is not a report of SES: see line {0}, column {1} of its body")]
    Malformed(usize, usize),
    /// It is not from SES, or not of this account.
    #[error("the message's {attribute} is not `{expected}`")]
    Mislabelled {
        /// What differs.
        attribute: &'static str,
        /// What the message has to say.
        expected: String,
    },
    /// It is about something else than a mail of ours.
    #[error("the message's {0} is not one of ours")]
    OutsideDomain(&'static str),
    /// The use case failed.
    #[error(transparent)]
    Apply(#[from] FeedbackError),
}

impl From<serde_json::Error> for NotApplied {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(error.line(), error.column())
    }
}

impl Classify for NotApplied {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Malformed(..) | Self::Mislabelled { .. } | Self::OutsideDomain(_) => Verdict::Park,
            Self::Apply(error) => error.verdict(),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Malformed(..) => "malformed",
            Self::Mislabelled { .. } => "mislabelled",
            Self::OutsideDomain(_) => "outside_domain",
            Self::Apply(error) => error.class(),
        }
    }
}

/// What the rules make of an event of SES (`InputTransformer` in the template).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reported {
    source: String,
    account: String,
    r#type: String,
    bounce_type: Option<String>,
    bounce_sub_type: Option<String>,
    tags: Tags,
}

/// The tags of the mail. SES gives each several values; the mailer sets one. A mail about no order has none of them.
#[derive(Deserialize)]
struct Tags {
    order: Option<[String; 1]>,
    template: Option<[String; 1]>,
    attempt: Option<[String; 1]>,
    address: Option<[String; 1]>,
}

/// Applies one message of the queue.
///
/// # Errors
/// [`NotApplied`], which knows whether a retry can help.
pub async fn apply(correction: &Correction, message: Foreign) -> Result<(), NotApplied> {
    match report(&message.body, &message.account)? {
        Some(report) => {
            chassis::telemetry::about(report.order.as_str());
            Ok(apply_feedback(correction, &report, &message.cause).await?)
        }
        None => Ok(()),
    }
}

/// The report in a message of a queue in `account`; none of a bounce that may be over tomorrow.
///
/// # Errors
/// A message that is not from SES, or not about a mail of ours.
pub fn report(body: &str, account: &str) -> Result<Option<Report>, NotApplied> {
    let reported: Reported = serde_json::from_str(body)?;
    agree("source", &reported.source, SOURCE)?;
    agree("account", &reported.account, account)?;
    let Tags { order, template, attempt, address } = reported.tags;
    let Some([order]) = order else {
        tracing::info!("a report about a mail that is about no order");
        return Ok(None);
    };
    let [template] = template.ok_or(NotApplied::OutsideDomain("template"))?;
    let [attempt] = attempt.ok_or(NotApplied::OutsideDomain("attempt"))?;
    let [address] = address.ok_or(NotApplied::OutsideDomain("address"))?;
    let order = OrderId::new(&order).ok_or(NotApplied::OutsideDomain("order"))?;
    let template = Template::named(&template).ok_or(NotApplied::OutsideDomain("template"))?;
    let uuid = |text: &str, name| Uuid::try_parse(text).map_err(|_| NotApplied::OutsideDomain(name));
    let (attempt, address) = (uuid(&attempt, "attempt")?, uuid(&address, "address")?);
    let feedback = match (reported.r#type.as_str(), reported.bounce_type.as_deref()) {
        (BOUNCED, Some("Permanent")) => Feedback::Bounced,
        (BOUNCED, Some(kind)) => {
            let (kind, sub) = (clean(kind), clean(reported.bounce_sub_type.as_deref().unwrap_or_default()));
            let order_id = order.as_str();
            tracing::info!(order_id, template = template.as_str(), kind, sub, "a bounce that may be over tomorrow");
            return Ok(None);
        }
        (COMPLAINED, _) => Feedback::Complained,
        (_, _) => return Err(NotApplied::OutsideDomain("type")),
    };
    let (attempt, address) = (ClaimId::new(attempt.as_u128()), AddressMark::new(address.as_u128()));
    Ok(Some(Report { order, template, attempt, address, feedback }))
}

fn agree(attribute: &'static str, found: &str, expected: &str) -> Result<(), NotApplied> {
    if found == expected { Ok(()) } else { Err(NotApplied::Mislabelled { attribute, expected: expected.to_owned() }) }
}

/// A word of SES for the log: whatever is in the message, no address.
fn clean(word: &str) -> &str {
    let is_word = (1..=40).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_word { word } else { "unreadable" }
}
