//! A part of AWS, the gateway or the mail channel is away for a while: every request to it fails.

use jiff::{SignedDuration, Timestamp};
use orders::domain::decision::{CancelReason, Decision};

use super::{BEGIN, Move, Origin, Service, World};
use crate::dice::Dice;
use crate::faults::Fault;
use crate::invariants::Rule;

/// How long an outage lasts.
const LENGTHS: [SignedDuration; 3] =
    [SignedDuration::from_secs(10), SignedDuration::from_secs(60), SignedDuration::from_mins(10)];
/// An order whose hold ends later than this after the outage must not be cancelled because of it.
const RECOVERY: SignedDuration = SignedDuration::from_mins(1);

/// What can be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// The tables of a service.
    Table(Service),
    /// The bus.
    Bus,
    /// The payment gateway.
    Gateway,
    /// The mail channel.
    Mail,
}

/// A time in which something is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// What is away.
    pub away: Away,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl Outage {
    /// An outage that begins while orders are placed.
    pub fn at_random(dice: &mut Dice) -> Self {
        let [orders, inventory, payments, notifications] = Service::ALL.map(Away::Table);
        // The gateway twice: it is away in two ways.
        let all = [orders, inventory, payments, notifications, Away::Bus, Away::Gateway, Away::Gateway, Away::Mail];
        let away = all[dice.index(all.len())];
        let from = BEGIN + SignedDuration::from_millis(dice.below(30_000).into());
        Self { away, from, until: from + LENGTHS[dice.index(LENGTHS.len())] }
    }
}

impl World {
    /// How a move fails because of an outage, if it does.
    #[must_use]
    pub fn outage(&self, next: Move) -> Option<Fault> {
        let outage = self.setting.outage.filter(|outage| outage.from <= self.now && self.now < outage.until)?;
        let possible = self.faults(next);
        let fault = match outage.away {
            Away::Table(service) if self.service_of(next) == Some(service) => Fault::Throttle,
            Away::Bus if matches!(next, Move::Relay(_)) => Fault::Throttle,
            // Some are told as too many requests, some as a failure, which the gateway keeps for its key.
            Away::Gateway if outage.from.as_millisecond() % 2 == 0 => Fault::GatewayRefuses,
            Away::Gateway => Fault::GatewayFails,
            Away::Mail => Fault::MailRefused,
            Away::Table(_) | Away::Bus => return None,
        };
        possible.contains(&fault).then_some(fault)
    }

    /// The service whose invocation takes its next step.
    fn service_of(&self, next: Move) -> Option<Service> {
        let Move::Go(index) = next else { return None };
        self.invocations.get(index).map(|invocation| match &invocation.origin {
            Origin::Message { consumer, .. } => Service::of(*consumer),
            Origin::Sweep { service, .. } => *service,
            Origin::Request(request) => request.kind.service(),
        })
    }

    /// Nothing is given up because of an outage that ended in time.
    pub(crate) fn judge_outage(&mut self) {
        let Some(outage) = self.setting.outage else { return };
        for (class, count) in self.parked.clone() {
            self.violated(Rule::Outage, 0, format!("{count} dead letters of the class {class}"));
        }
        let in_time = outage.until + RECOVERY;
        let lost = |(number, reason): &(u16, CancelReason)| {
            let declined = self.setting.plan(*number).declined;
            match reason {
                CancelReason::OutOfStock | CancelReason::Customer | CancelReason::Staff => false,
                CancelReason::PaymentFailed if declined => false,
                CancelReason::PaymentFailed | CancelReason::ReservationExpired | CancelReason::TimedOut => {
                    let held = self.reservations.get(*number).and_then(|item| item.value.expires_at);
                    held.is_none_or(|ends| ends > in_time)
                }
            }
        };
        let cancelled = self.orders.iter().filter_map(|(number, item)| match item.value.decision {
            Decision::Cancelled { reason, .. } => Some((number, reason)),
            Decision::Open | Decision::Confirmed { .. } | Decision::Completed { .. } => None,
        });
        let lost: Vec<_> = cancelled.filter(lost).collect();
        for (number, reason) in lost {
            self.violated(Rule::Outage, number, format!("is cancelled ({reason:?}) after {outage:?}"));
        }
    }
}
