//! A request becomes an order, or a list of the rules that it breaks.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::attention::Attention;
use super::decision::Decision;
use super::ids::{CustomerId, OrderId, PaymentMethod, Sku};
use super::inventory::Inventory;
use super::line::{Line, Quantity, cost};
use super::money::{Currency, Minor};
use super::order::Order;
use super::payment::Payment;
use super::refund::Returned;

/// The most lines that an order may have.
pub const MAX_LINES: usize = 100;

/// What a customer asks for, as it came: nothing is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRequest {
    /// The lines, in their sequence.
    pub lines: Vec<LineRequest>,
    /// An ISO 4217 code.
    pub currency: String,
    /// A reference to a way to pay.
    pub payment_method: String,
}

/// One line of an [`OrderRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRequest {
    /// What is ordered.
    pub sku: String,
    /// How many pieces.
    pub quantity: i64,
    /// Price of one piece in minor units.
    pub unit_price: i64,
}

/// A rule that a request breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer to the field.
    pub pointer: String,
    /// The field, its limit and its value, as a sentence.
    pub rule: String,
}

/// The order that a request becomes: open, with nothing reserved and nothing paid.
///
/// # Errors
/// Every rule that the request breaks, in the sequence of its fields.
pub fn place(
    request: &OrderRequest,
    id: OrderId,
    customer: CustomerId,
    placed_at: Timestamp,
    pay_within: SignedDuration,
) -> Result<Order, Vec<Violation>> {
    let mut broken = Broken::default();
    let lines = lines(&request.lines, &mut broken);
    let total = if broken.0.is_empty() { total(&lines, &mut broken) } else { None };
    let (currency, rule) = (Currency::new(&request.currency), was(Currency::RULE, &quoted(&request.currency)));
    let currency = broken.unless(currency, "/currency", &rule);
    // The rule alone, without the value: it may be a card number.
    let method = PaymentMethod::new(&request.payment_method);
    let method = broken.unless(method, "/paymentMethod", PaymentMethod::RULE);
    match (total, currency, method) {
        (Some(total), Some(currency), Some(payment_method)) => Ok(Order {
            id,
            customer,
            lines,
            total,
            currency,
            payment_method,
            placed_at,
            pay_by: placed_at.saturating_add(pay_within).unwrap_or(Timestamp::MAX),
            inventory: Inventory::None,
            payment: Payment::None,
            returned: Returned::default(),
            decision: Decision::Open,
            attention: Attention::default(),
        }),
        (_, _, _) => Err(broken.0),
    }
}

/// The order as it was when it was accepted: the answer to a repeated request.
#[must_use]
pub fn as_placed(order: Order) -> Order {
    let (returned, attention) = (Returned::default(), Attention::default());
    let (inventory, payment, decision) = (Inventory::None, Payment::None, Decision::Open);
    Order { inventory, payment, returned, decision, attention, ..order }
}

/// The rules that a request breaks.
#[derive(Default)]
struct Broken(Vec<Violation>);

impl Broken {
    /// One more: the rule continues the sentence that the field's name begins.
    fn add(&mut self, pointer: &str, rule: &str) {
        let field = pointer.rsplit('/').next().unwrap_or_default();
        self.0.push(Violation { pointer: pointer.to_owned(), rule: format!("{field} {rule}") });
    }

    /// The value; one more, if there is none.
    fn unless<T>(&mut self, value: Option<T>, pointer: &str, rule: &str) -> Option<T> {
        if value.is_none() {
            self.add(pointer, rule);
        }
        value
    }
}

fn lines(requested: &[LineRequest], broken: &mut Broken) -> Vec<Line> {
    if !(1..=MAX_LINES).contains(&requested.len()) {
        broken.add("/lines", &format!("must have between 1 and {MAX_LINES} entries (had {})", requested.len()));
        return Vec::new();
    }
    let mut seen = BTreeMap::new();
    requested.iter().enumerate().filter_map(|(index, line)| parse_line(index, line, &mut seen, broken)).collect()
}

fn parse_line<'a>(
    index: usize,
    line: &'a LineRequest,
    seen: &mut BTreeMap<&'a str, usize>,
    broken: &mut Broken,
) -> Option<Line> {
    let at = |field: &str| format!("/lines/{index}/{field}");
    let sku = broken.unless(Sku::new(&line.sku), &at("sku"), &was(Sku::RULE, &quoted(&line.sku)));
    let first = *seen.entry(&line.sku).or_insert(index);
    if first != index {
        broken.add(&at("sku"), &format!("must be on one line only (is also at /lines/{first})"));
    }
    let quantity = Quantity::new(line.quantity);
    let quantity = broken.unless(quantity, &at("quantity"), &was(Quantity::RULE, &line.quantity));
    let price = u64::try_from(line.unit_price).ok().and_then(Minor::new);
    let rule = format!("must be between 0 and {} minor units", Minor::MAX);
    let unit_price = broken.unless(price, &at("unitPrice"), &was(&rule, &line.unit_price));
    Some(Line { sku: sku?, quantity: quantity?, unit_price: unit_price? })
}

fn total(lines: &[Line], broken: &mut Broken) -> Option<Minor> {
    let sum = cost(lines);
    let rule = format!("must cost between 1 and {} minor units together", Minor::MAX);
    broken.unless(Minor::new(sum).filter(|_| sum > 0), "/lines", &was(&rule, &sum))
}

fn was(rule: &str, value: &impl fmt::Display) -> String {
    format!("{rule} (was {value})")
}

/// A client's text as an answer repeats it: its beginning, with control characters escaped.
fn quoted(text: &str) -> String {
    format!("{:?}", text.chars().take(64).collect::<String>())
}
