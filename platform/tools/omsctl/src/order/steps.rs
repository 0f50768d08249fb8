//! The saga's steps in order of time: events, attempts to charge, refunds, mails.

use jiff::Timestamp;
use serde::Serialize;

use super::MailLine;
use super::views::{Attempt, Fact, Payment, Refund};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// When it was taken.
    pub at: Timestamp,
    /// The service that took it.
    pub service: String,
    /// An event's type, or what was done.
    pub what: String,
    /// How it ended, if it is not only that it was done.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub how: String,
}

pub(super) fn of(facts: &[Fact], payment: Option<&Payment>, mails: &[MailLine]) -> Vec<Step> {
    let attempts = payment.into_iter().flat_map(|payment| &payment.attempts).map(attempt);
    let refunds = payment.into_iter().flat_map(|payment| &payment.refunds).flat_map(refund);
    let mut steps: Vec<Step> =
        facts.iter().map(fact).chain(attempts).chain(refunds).chain(mails.iter().map(mail)).collect();
    steps.sort_by_key(|step| step.at);
    steps
}

fn fact(fact: &Fact) -> Step {
    let how = match (fact.outcome.as_str(), &fact.why) {
        ("APPLIED", _) => String::new(),
        (outcome, Some(why)) => format!("{outcome}: {why}"),
        (outcome, None) => outcome.to_owned(),
    };
    let service = fact.source.strip_prefix("oms.").unwrap_or(&fact.source);
    Step { at: fact.at, service: service.to_owned(), what: fact.event_type.clone(), how }
}

fn attempt(attempt: &Attempt) -> Step {
    let how =
        [Some(attempt.outcome.as_str()), attempt.code.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let what = format!("charge, attempt {}", attempt.attempt);
    Step { at: attempt.started_at, service: "payments".to_owned(), what, how }
}

/// What is known of a refund: when it was wanted, when it first failed for long, when the money went back.
fn refund(refund: &Refund) -> Vec<Step> {
    let step = |at, how: String| Step {
        at,
        service: "payments".to_owned(),
        what: format!("refund of {}", refund.amount),
        how,
    };
    let failed = refund.failed_at.map(|at| step(at, format!("FAILED {}", refund.code.as_deref().unwrap_or_default())));
    let refunded = refund.refunded_at.map(|at| step(at, "REFUNDED".to_owned()));
    [step(refund.wanted_at, format!("wanted: {}", refund.reason))].into_iter().chain(failed).chain(refunded).collect()
}

fn mail(mail: &MailLine) -> Step {
    let what = format!("mail {}", mail.template);
    Step { at: mail.at, service: "notifications".to_owned(), what, how: mail.outcome.clone() }
}
