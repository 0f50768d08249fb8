//! What does not change in a world: who wants what, what the installation has chosen, and what the clocks show.

use std::collections::HashMap;
use std::sync::Arc;

use inventory::domain::ids::Sku;
use jiff::{SignedDuration, Timestamp};
use orders::domain::ids::{CustomerId, IdempotencyKey, OrderId};
use orders::domain::place::{LineRequest, OrderRequest};
use payments::domain::charge::ChargePolicy;

use super::queue::Consumer;
use crate::flaws::Mechanism;

/// When every world begins.
pub const BEGIN: Timestamp = Timestamp::UNIX_EPOCH;

/// One of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Orders.
    Orders,
    /// Inventory.
    Inventory,
    /// Payments.
    Payments,
    /// Notifications.
    Notifications,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Orders, Self::Inventory, Self::Payments, Self::Notifications];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Inventory => "inventory",
            Self::Payments => "payments",
            Self::Notifications => "notifications",
        }
    }

    /// Whose consumer that is.
    #[must_use]
    pub fn of(consumer: Consumer) -> Self {
        match consumer {
            Consumer::Orders => Self::Orders,
            Consumer::Inventory => Self::Inventory,
            Consumer::Payments | Consumer::DeadLetters => Self::Payments,
            Consumer::Notifications => Self::Notifications,
        }
    }
}

/// One order that somebody will place.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its id, which follows from customer and key.
    pub id: OrderId,
    /// Who places it.
    pub customer: CustomerId,
    /// What the customer asks for.
    pub request: OrderRequest,
    /// Skus by their number in the shop, and how many pieces.
    pub lines: Vec<(u16, u32)>,
    /// The client's correlation id.
    pub correlation: Arc<str>,
    /// Whether the way to pay is refused.
    pub declined: bool,
    /// Whether the customer has left an address.
    pub reachable: bool,
}

impl Plan {
    /// An order of these pieces, the `number`-th in its shop.
    #[must_use]
    pub fn new(number: u16, shop: u64, lines: Vec<(u16, u32)>) -> Self {
        let customer = CustomerId::trusted(&format!("customer-{}", number % 7));
        let id = OrderId::derive(&customer, &IdempotencyKey::trusted(&format!("shop-{shop}-order-{number}")));
        let line = |(sku, pieces): &(u16, u32)| LineRequest {
            sku: sku_name(*sku).as_str().to_owned(),
            quantity: i64::from(*pieces),
            unit_price: i64::from(*sku) * 100 + 995,
        };
        let (currency, payment_method) = ("EUR".to_owned(), "pm_card".to_owned());
        let request = OrderRequest { lines: lines.iter().map(line).collect(), currency, payment_method };
        let correlation = format!("cor-{shop}-{number}").into();
        Self { id, customer, request, lines, correlation, declined: false, reachable: true }
    }

    /// The id of the request that places it.
    #[must_use]
    pub fn command(&self) -> String {
        format!("cmd-{}", self.correlation)
    }
}

/// The name of a sku.
#[must_use]
pub fn sku_name(number: u16) -> Sku {
    Sku::trusted(&format!("SKU-{number}"))
}

/// What does not change.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The orders.
    pub plans: Vec<Plan>,
    /// Pieces of each sku.
    pub stocked: Vec<u32>,
    /// How wrong each service's clock is.
    pub skew: [SignedDuration; 4],
    /// How many calls of a million to the gateway meet a fault at least, as long as anything does.
    pub gateway_faults: u32,
    /// How steps follow each other.
    pub mechanism: Mechanism,
    /// Whether a message is at once there again when it was returned or its invocation has died, and time only moves
    /// when nothing else does: what is explored does not depend on how long something takes.
    pub timeless: bool,
    numbers: HashMap<String, u16>,
    skus: HashMap<String, u16>,
}

impl Setting {
    /// How long a hold on stock lasts: the template's value, as those that follow.
    pub const HOLD: SignedDuration = SignedDuration::from_mins(15);
    /// How long an order may stay open.
    pub const PAY_WITHIN: SignedDuration = SignedDuration::from_mins(60);
    /// How long a decided order may wait to be settled before it needs attention.
    pub const SETTLE_WITHIN: SignedDuration = SignedDuration::from_mins(10);
    /// How often the sweep looks at one item.
    pub const SWEEP_EVERY: SignedDuration = SignedDuration::from_mins(1);
    /// How long a message stays invisible when its invocation has died.
    pub const VISIBILITY: SignedDuration = SignedDuration::from_mins(3);
    /// Longest time that SQS keeps a message invisible.
    pub const MAX_VISIBILITY: SignedDuration = SignedDuration::from_hours(12);

    /// A setting of these orders and this stock, with right clocks.
    #[must_use]
    pub fn new(plans: Vec<Plan>, stocked: Vec<u32>) -> Self {
        let numbers = (0..).zip(&plans).map(|(number, plan)| (plan.id.to_string(), number)).collect();
        let skus = (0..).zip(&stocked).map(|(number, _)| (sku_name(number).to_string(), number)).collect();
        let (skew, mechanism) = ([SignedDuration::ZERO; 4], Mechanism::default());
        Self { plans, stocked, skew, gateway_faults: 0, mechanism, timeless: false, numbers, skus }
    }

    /// The number of an order in this shop.
    #[must_use]
    pub fn number(&self, id: &str) -> Option<u16> {
        self.numbers.get(id).copied()
    }

    /// The number of a sku in this shop.
    #[must_use]
    pub fn sku(&self, name: &str) -> Option<u16> {
        self.skus.get(name).copied()
    }

    /// The plan of an order.
    #[must_use]
    pub fn plan(&self, order: u16) -> &Plan {
        &self.plans[usize::from(order)]
    }

    /// How a service's clock is wrong.
    #[must_use]
    pub fn skew(&self, service: Service) -> SignedDuration {
        self.skew[service as usize]
    }

    /// What the payments service's template chooses.
    #[must_use]
    pub fn charge_policy() -> ChargePolicy {
        let (backoff, lease) = (SignedDuration::from_secs(30), SignedDuration::from_secs(15));
        ChargePolicy { max_attempts: 4, backoff, lease }
    }
}
