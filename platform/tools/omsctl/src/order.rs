//! One order across the services: what it waits for, why it ended, its money, mails, dead letters and steps.
//!
//! - [`views`]: what the services' APIs show of the order
//! - [`steps`]: the saga's steps in order of time
//! - [`text`]: the order for people
//!
//! Each part is read by itself. A service that does not answer leaves its part saying so.

mod steps;
mod text;
pub mod views;

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aws::Aws;
use crate::dlq::{self, AboutOrder};
use crate::logs::{Line, Reader};
use crate::staff_api::{REBUILD, Staff, StaffApi};

pub use steps::Step;
use views::{Fact, History, Order, Payment, Payments, Reservation};

/// A part of the report, or why it is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Part<T> {
    /// The answer.
    Known(T),
    /// Why there is none.
    NotAnswered(String),
}

impl<T> Part<T> {
    /// The answer, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(answer) => Some(answer),
            Self::NotAnswered(_) => None,
        }
    }

    fn is_missing(&self) -> bool {
        self.known().is_none()
    }
}

impl<T> From<Result<T>> for Part<T> {
    fn from(answer: Result<T>) -> Self {
        answer.map_or_else(|error| Self::NotAnswered(format!("{error:#}")), Self::Known)
    }
}

/// A mail about the order, as notifications logged it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MailLine {
    /// When it was sent, or not.
    pub at: Timestamp,
    /// Its id, by which support has it sent again.
    pub notification_id: String,
    /// Such as `ORDER_COMPLETED`.
    pub template: String,
    /// Such as `sent` or `no_address`.
    pub outcome: String,
}

/// All that is known of one order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderReport {
    /// The order's id.
    pub order_id: String,
    /// The order as support sees it.
    pub order: Part<Order>,
    /// Why it ended, in one sentence; `None` if it was not cancelled.
    pub why: Option<String>,
    /// Its pieces; `None` within the part if inventory does not know the order.
    pub reservation: Part<Option<Reservation>>,
    /// Its charge and its refunds; `None` within the part if payments does not know the order.
    pub payment: Part<Option<Payment>>,
    /// Its mails.
    pub mails: Part<Vec<MailLine>>,
    /// Its dead letters.
    pub dead_letters: Part<AboutOrder>,
    /// The saga's steps in order of time, as far as the services answered.
    pub steps: Vec<Step>,
    /// Why the steps of orders are missing, if they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_not_answered: Option<String>,
}

impl OrderReport {
    /// Whether every service answered.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let missing = [self.order.is_missing(), self.reservation.is_missing(), self.payment.is_missing()];
        let missing = missing.into_iter().chain([self.mails.is_missing(), self.dead_letters.is_missing()]);
        !missing.chain([self.history_not_answered.is_some()]).any(|missing| missing)
    }
}

/// Reads an order from every service; `None` if orders does not know it.
///
/// # Errors
/// None of a service that does not answer: its part says so.
pub async fn read(staff: &StaffApi, aws: &Aws, id: &str) -> Result<Option<OrderReport>> {
    let order = match one::<Order>(staff, Staff::Support, "orders", &format!("/v1/orders/{id}")).await {
        Ok(Some(order)) => Part::Known(order),
        Ok(None) => return Ok(None),
        Err(error) => Part::NotAnswered(format!("{error:#}")),
    };
    let (history, payments) = (format!("/v1/orders/{id}/history"), format!("/v1/payments?orderId={id}"));
    let reservation = format!("/v1/reservations/{id}");
    let (history, reservation, payments, mails, dead_letters) = tokio::join!(
        one::<History>(staff, Staff::Support, "orders", &history),
        one::<Reservation>(staff, Staff::Operator, "inventory", &reservation),
        one::<Payments>(staff, Staff::Support, "payments", &payments),
        mails(staff, aws, id, order.known()),
        dlq::about_order(aws, &staff.system, id),
    );
    let payment = payments.map(|found| found.and_then(|found| found.payments.into_iter().next()));
    let (facts, history_not_answered) = match history {
        Ok(history) => (history.map(|history| history.facts).unwrap_or_default(), None),
        Err(error) => (Vec::new(), Some(format!("{error:#}"))),
    };
    Ok(Some(report(
        id,
        order,
        &facts,
        history_not_answered,
        (reservation.into(), payment.into()),
        mails.into(),
        dead_letters.into(),
    )))
}

fn report(
    id: &str,
    order: Part<Order>,
    facts: &[Fact],
    history_not_answered: Option<String>,
    (reservation, payment): (Part<Option<Reservation>>, Part<Option<Payment>>),
    mails: Part<Vec<MailLine>>,
    dead_letters: Part<AboutOrder>,
) -> OrderReport {
    let (held, paid) = (reservation.known().and_then(Option::as_ref), payment.known().and_then(Option::as_ref));
    let why = order.known().and_then(|order| text::why(order, held, paid));
    let steps = steps::of(facts, paid, mails.known().map_or(&[], Vec::as_slice));
    OrderReport {
        order_id: id.to_owned(),
        order,
        why,
        reservation,
        payment,
        mails,
        dead_letters,
        steps,
        history_not_answered,
    }
}

async fn one<T: DeserializeOwned>(staff: &StaffApi, who: Staff, service: &str, path: &str) -> Result<Option<T>> {
    let Some(answer) = staff.get(who, service, path).await? else { return Ok(None) };
    let unknown = || format!("{service} answers {path} in a form that this omsctl does not know; {REBUILD}");
    serde_json::from_value(answer).map(Some).with_context(unknown)
}

/// Notifications' API shows how each mail is now; its log tells each attempt.
async fn mails(staff: &StaffApi, aws: &Aws, id: &str, order: Option<&Order>) -> Result<Vec<MailLine>> {
    staff.system.service("notifications")?;
    let from = order.map_or(Timestamp::UNIX_EPOCH, |order| order.placed_at);
    let lines = Reader::new(aws, &staff.system, Some("notifications"), from).about(id).read().await?;
    Ok(lines.iter().filter(|line| line.field("order_id") == Some(id)).filter_map(mail).collect())
}

fn mail(line: &Line) -> Option<MailLine> {
    let owned = |name| line.field(name).map(ToOwned::to_owned);
    Some(MailLine {
        at: line.at,
        notification_id: owned("notification")?,
        template: owned("template")?,
        outcome: owned("outcome")?,
    })
}

#[cfg(test)]
mod tests;
