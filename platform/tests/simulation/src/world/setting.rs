//! What does not change in a world: planned orders, parameters of the templates, and the errors of the clocks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chassis::consumer::retry::Limits;
use inventory::domain::adjustment::AdjustmentRequest;
use inventory::domain::ids::{AdjustmentId, Sku};
use jiff::{SignedDuration, Timestamp};
use orders::domain::ids::{CustomerId, IdempotencyKey, OrderId};
use orders::domain::place::{LineRequest, OrderRequest};
use payments::domain::decision::ChargePolicy;

use super::outage::Outage;
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

    /// The service of a consumer.
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

/// An order that a customer will place.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its id, derived from customer and key.
    pub id: OrderId,
    /// The customer.
    pub customer: CustomerId,
    /// What the customer asks for.
    pub request: OrderRequest,
    /// Skus by their number in the shop, with the ordered pieces.
    pub lines: Vec<(u16, u32)>,
    /// The correlation id of its saga.
    pub correlation: Arc<str>,
    /// Whether the payment method is declined.
    pub declined: bool,
    /// Whether the customer has an e-mail address.
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
        let correlation = id.saga().into();
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

/// An adjustment of a sku's stock under an idempotency key.
#[must_use]
pub fn adjustment(key: &str, sku: u16, delta: i64) -> AdjustmentRequest {
    let (operator, reason) = ("operator-1".to_owned(), Some("counted".to_owned()));
    AdjustmentRequest { id: AdjustmentId::derive(&operator, key), operator, sku: sku_name(sku), delta, reason }
}

/// The constants of a world.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The orders.
    pub plans: Vec<Plan>,
    /// The initial stock of each sku.
    pub stocked: Vec<u32>,
    /// The adjustments of stock that staff will ask for.
    pub adjustments: Vec<AdjustmentRequest>,
    /// The error of each service's clock.
    pub skew: [SignedDuration; 4],
    /// The least number of faults in a million calls of the gateway, while faults occur at all.
    pub gateway_faults: u32,
    /// Whether nothing goes wrong: then no message is parked.
    pub calm: bool,
    /// What is away, and when; in such a world nothing else goes wrong.
    pub outage: Option<Outage>,
    /// How steps follow each other.
    pub mechanism: Mechanism,
    /// Whether returned messages are visible at once and time passes only when nothing else can happen, so that an
    /// exploration does not depend on durations.
    pub timeless: bool,
    numbers: HashMap<String, u16>,
    skus: HashMap<String, u16>,
}

impl Setting {
    /// How long a reservation lasts, as in the template; so are the next values.
    pub const HOLD: SignedDuration = SignedDuration::from_mins(15);
    /// How long an order may stay open.
    pub const PAY_WITHIN: SignedDuration = SignedDuration::from_mins(60);
    /// How long a decided order may wait to settle before it needs attention.
    pub const SETTLE_WITHIN: SignedDuration = SignedDuration::from_mins(10);
    /// How often the sweep checks one item.
    pub const SWEEP_EVERY: SignedDuration = SignedDuration::from_mins(1);
    /// How long a message stays invisible after its invocation died.
    pub const VISIBILITY: SignedDuration = SignedDuration::from_mins(3);
    /// How long and how often a message is tried.
    pub const LIMITS: Limits =
        Limits { max_receives: 720, urgent: Duration::from_mins(15), give_up: Duration::from_hours(72) };
    /// The longest visibility timeout of SQS.
    pub const MAX_VISIBILITY: SignedDuration = SignedDuration::from_hours(12);

    /// A setting with these orders and this stock, and correct clocks.
    #[must_use]
    pub fn new(plans: Vec<Plan>, stocked: Vec<u32>) -> Self {
        let numbers = (0..).zip(&plans).map(|(number, plan)| (plan.id.to_string(), number)).collect();
        let skus = (0..).zip(&stocked).map(|(number, _)| (sku_name(number).to_string(), number)).collect();
        let (skew, mechanism) = ([SignedDuration::ZERO; 4], Mechanism::default());
        Self {
            plans,
            stocked,
            adjustments: Vec::new(),
            skew,
            gateway_faults: 0,
            calm: false,
            outage: None,
            mechanism,
            timeless: false,
            numbers,
            skus,
        }
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

    /// The error of a service's clock.
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
