//! No goods without money.

use contracts::EventData;
use contracts::orders::OrderConfirmed;
use jiff::{SignedDuration, Timestamp};
use payments::domain::refund::{Reason, Refund};

use super::Rule;
use crate::world::{SharedEvent, World};

impl World {
    /// Whether an order was confirmed although staff had all of its charge returned before. The rule that prevents it looks at
    /// the clock, so a shop with a wrong one is not judged (decision 46).
    pub(super) fn sold_for_nothing(&self, number: u16, total: u64) -> Option<(Rule, String)> {
        if self.setting.skew.iter().any(|skew| skew.abs() > SignedDuration::from_mins(1)) {
            return None;
        }
        let staff = |refund: &&Refund| refund.reason == Reason::Staff && refund.amount == total;
        let wanted_at = self.payments.get(number)?.value.refunds.iter().find(staff)?.wanted_at;
        let is_it = |event: &&SharedEvent| *event.r#type == *OrderConfirmed::TYPE;
        let confirmed = self.archive[usize::from(number)].iter().find(is_it)?;
        let (at, _) = confirmed.text.split_once("\"time\":\"")?.1.split_once('"')?;
        let is_later = at.parse::<Timestamp>().is_ok_and(|at| at > wanted_at);
        is_later.then(|| (Rule::I4, "confirmed after all of its charge was asked back".to_owned()))
    }
}
