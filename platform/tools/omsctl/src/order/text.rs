//! The order for people: one line for each thing that is known, then the steps.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::views::{Order, Payment, Refund, Reservation};
use super::{OrderReport, Part};
use crate::terminal::{Colour, Paint, age, table};

/// Why an order was cancelled, in one sentence; `None` if it was not.
pub(super) fn why(order: &Order, reservation: Option<&Reservation>, payment: Option<&Payment>) -> Option<String> {
    let reason = order.cancel_reason.as_deref()?;
    let missing = || {
        reservation.into_iter().flat_map(|it| &it.missing).map(|it| {
            if it.unknown {
                return format!("{} is an unknown sku", it.sku);
            }
            format!("{}: {} wanted, {} available", it.sku, it.requested, it.available)
        })
    };
    let detail = match reason {
        "OUT_OF_STOCK" => {
            let missing = missing().collect::<Vec<_>>().join("; ");
            // Inventory has not answered: orders knows the reason, but not of which sku.
            if missing.is_empty() { order.reject_reason.clone().unwrap_or_default() } else { missing }
        }
        "PAYMENT_FAILED" => {
            let failure = payment.and_then(|it| it.failure.as_ref());
            failure.map(|it| format!("{} {}", it.category, it.code)).unwrap_or_default()
        }
        "TIMED_OUT" => format!("not paid by {}", seconds(order.pay_by)),
        _ => order.cancel_note.clone().unwrap_or_default(),
    };
    Some(if detail.is_empty() { reason.to_owned() } else { format!("{reason}: {detail}") })
}

/// What the order waits for, one line each: the fact, its service, since when and until when.
fn waits(order: &Order, reservation: Option<&Reservation>, payment: Option<&Payment>, now: Timestamp) -> Vec<String> {
    let is_open = order.decided_at.is_none();
    let hold = reservation.filter(|it| is_open && it.state == "RESERVED").and_then(|it| it.expires_at);
    let next = payment.and_then(|it| it.next_attempt_at);
    let until = |owed_by: &str| {
        let limits = [
            next.filter(|_| owed_by == "payments").map(|at| format!("the next attempt is at {}", seconds(at))),
            hold.map(|at| format!("the hold ends at {}", seconds(at))),
            is_open.then(|| format!("at {} the sweep cancels the order", seconds(order.pay_by))),
        ];
        let limits: Vec<String> = limits.into_iter().flatten().collect();
        if limits.is_empty() {
            "until it comes; `just stuck` lists it if that takes long".to_owned()
        } else {
            limits.join(", ")
        }
    };
    let line = |it: &crate::reconcile::snapshot::Waiting| {
        format!("{} of {}, for {}; {}", it.fact, it.owed_by, age(it.since, now), until(&it.owed_by))
    };
    order.waiting_for.iter().map(line).collect()
}

impl OrderReport {
    /// The report in lines.
    #[must_use]
    pub fn text(&self, paint: Paint, now: Timestamp) -> String {
        let mut lines = Lines { paint, text: String::new() };
        let (held, paid) =
            (self.reservation.known().and_then(Option::as_ref), self.payment.known().and_then(Option::as_ref));
        match &self.order {
            Part::NotAnswered(error) => lines.missing("order", error),
            Part::Known(order) => self.order_lines(&mut lines, order, (held, paid), now),
        }
        lines.part("stock", &self.reservation, |it| vec![it.as_ref().map_or_else(|| "nothing yet".to_owned(), stock)]);
        lines.part("payment", &self.payment, |it| it.as_ref().map_or_else(|| vec!["nothing yet".to_owned()], payment));
        lines.part("mails", &self.mails, |mails| {
            let line = |it: &super::MailLine| {
                format!("{} {}, {} ({})", it.template, it.outcome, seconds(it.at), it.notification_id)
            };
            mails.iter().map(line).collect()
        });
        lines.part("dead letters", &self.dead_letters, super::AboutOrder::lines);
        if let Some(error) = &self.history_not_answered {
            lines.missing("history", error);
        }
        let rows: Vec<[String; 4]> = self
            .steps
            .iter()
            .map(|it| {
                [
                    it.at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
                    it.service.clone(),
                    it.what.clone(),
                    it.how.clone(),
                ]
            })
            .collect();
        if !rows.is_empty() {
            lines.text += "\n";
            lines.text += &table(["TIME (UTC)", "SERVICE", "STEP", "HOW"], &rows);
        }
        lines.text
    }

    fn order_lines(
        &self,
        lines: &mut Lines,
        order: &Order,
        (held, paid): (Option<&Reservation>, Option<&Payment>),
        now: Timestamp,
    ) {
        let rest = if order.settled { "nothing is left to come" } else { "not settled" };
        lines.add("order", &format!("{}  {}  ({rest})", self.order_id, order.status));
        let bought: Vec<String> = order.lines.iter().map(|it| format!("{} × {}", it.quantity, it.sku)).collect();
        lines.add(
            "placed",
            &format!(
                "{} ({} ago): {}; {} {} in minor units",
                seconds(order.placed_at),
                age(order.placed_at, now),
                bought.join(", "),
                order.total,
                order.currency
            ),
        );
        for wait in waits(order, held, paid, now) {
            lines.add("waits for", &wait);
        }
        if let (Some(at), Some(why)) = (order.decided_at, &self.why) {
            lines.add("ended", &format!("{}: {why}", seconds(at)));
        }
        for it in order.attention.iter().filter(|it| it.resolved.is_none()) {
            lines.add("attention", &format!("{} since {}: see `just stuck`", it.code, seconds(it.since)));
        }
        lines.add("correlation", &order.correlation_id);
    }
}

fn stock(it: &Reservation) -> String {
    let cause = it.cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
    format!("{}{cause}", it.state)
}

fn payment(it: &Payment) -> Vec<String> {
    let next = it.next_attempt_at.map(|at| format!(", the next attempt is at {}", seconds(at))).unwrap_or_default();
    let gateway = it.gateway_reference.as_ref().map(|id| format!(", {id} at the gateway")).unwrap_or_default();
    let first = format!("{}, attempts: {}{next}{gateway}", it.status, it.attempts.len());
    std::iter::once(first).chain(it.refunds.iter().map(refund)).collect()
}

fn refund(it: &Refund) -> String {
    let code = it.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
    let next = it.next_try_at.map(|at| format!(", the next try is at {}", seconds(at))).unwrap_or_default();
    format!("refund of {} ({}): {}{code}, tries: {}{next}", it.amount, it.reason, it.status, it.attempts)
}

fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

struct Lines {
    paint: Paint,
    text: String,
}

impl Lines {
    fn add(&mut self, name: &str, value: &str) {
        writeln!(self.text, "{} {value}", self.paint.paint(Colour::Dim, format!("{name:<13}"))).ok();
    }

    fn missing(&mut self, name: &str, error: &str) {
        let told = self.paint.paint(Colour::Red, format!("not answered: {error}"));
        self.add(name, &told);
    }

    /// The lines of a part; `none` for an empty one.
    fn part<T>(&mut self, name: &str, part: &Part<T>, text: impl FnOnce(&T) -> Vec<String>) {
        match part.known().map(text) {
            Some(lines) if lines.is_empty() => self.add(name, "none"),
            Some(lines) => lines.iter().for_each(|line| self.add(name, line)),
            None => {
                if let Part::NotAnswered(error) = part {
                    self.missing(name, error);
                }
            }
        }
    }
}
