//! A wish to order becomes an order, or a list of the rules that it breaks.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::attention::Attention;
use super::facets::{Decision, Inventory, Payment, Returned};
use super::ids::{CustomerId, OrderId, PaymentMethod, Sku};
use super::line::{Line, Quantity};
use super::money::{Currency, Minor};
use super::order::Order;

/// The most lines that an order may have.
pub const MAX_LINES: usize = 100;

/// What a customer asks for, as it came: nothing is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The lines.
    pub lines: Vec<WishedLine>,
    /// An ISO 4217 code.
    pub currency: String,
    /// A reference to a way to pay.
    pub payment_method: String,
}

/// One line of a [`Wish`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishedLine {
    /// What is wanted.
    pub sku: String,
    /// How many pieces.
    pub quantity: i64,
    /// Price of one piece in minor units.
    pub unit_price: i64,
}

/// A rule that a wish breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer to the field.
    pub pointer: String,
    /// The rule.
    pub rule: String,
}

/// The order that a wish becomes: open, with nothing reserved and nothing paid.
///
/// # Errors
/// Every rule that the wish breaks, in the order of its fields.
pub fn place(
    wish: &Wish,
    id: OrderId,
    customer: CustomerId,
    placed_at: Timestamp,
    pay_within: SignedDuration,
) -> Result<Order, Vec<Violation>> {
    let mut broken = Vec::new();
    let lines = lines(&wish.lines, &mut broken);
    let total = if broken.is_empty() { total(&lines, &mut broken) } else { Minor::ZERO };
    let currency = checked(Currency::new(&wish.currency), "/currency", Currency::RULE, &mut broken);
    let method = checked(PaymentMethod::new(&wish.payment_method), "/paymentMethod", PaymentMethod::RULE, &mut broken);
    match (currency, method) {
        (Some(currency), Some(payment_method)) if broken.is_empty() => Ok(Order {
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
        (_, _) => Err(broken),
    }
}

fn lines(wished: &[WishedLine], broken: &mut Vec<Violation>) -> Vec<Line> {
    if wished.is_empty() || wished.len() > MAX_LINES {
        violated("/lines", &format!("must have 1 to {MAX_LINES} lines, has {}", wished.len()), broken);
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    wished.iter().enumerate().filter_map(|(index, line)| parse_line(index, line, &mut seen, broken)).collect()
}

fn parse_line<'a>(
    index: usize,
    line: &'a WishedLine,
    seen: &mut BTreeSet<&'a str>,
    broken: &mut Vec<Violation>,
) -> Option<Line> {
    let at = |field: &str| format!("/lines/{index}/{field}");
    let sku = checked(Sku::new(&line.sku), &at("sku"), Sku::RULE, broken);
    if !seen.insert(&line.sku) {
        violated(&at("sku"), "must not stand on two lines", broken);
    }
    let quantity = checked(Quantity::new(line.quantity), &at("quantity"), Quantity::RULE, broken);
    let price = u64::try_from(line.unit_price).ok().and_then(Minor::new);
    let rule = format!("must be from 0 to {} minor units", Minor::MAX);
    let unit_price = checked(price, &at("unitPrice"), &rule, broken);
    Some(Line { sku: sku?, quantity: quantity?, unit_price: unit_price? })
}

fn total(lines: &[Line], broken: &mut Vec<Violation>) -> Minor {
    let sum = lines.iter().try_fold(Minor::ZERO, |sum, line| sum.plus(line.unit_price.times(line.quantity.pieces())?));
    let rule = format!("must come to a total from 1 to {} minor units", Minor::MAX);
    checked(sum.filter(|sum| *sum > Minor::ZERO), "/lines", &rule, broken).unwrap_or(Minor::ZERO)
}

fn checked<T>(value: Option<T>, pointer: &str, rule: &str, broken: &mut Vec<Violation>) -> Option<T> {
    if value.is_none() {
        violated(pointer, rule, broken);
    }
    value
}

fn violated(pointer: &str, rule: &str, broken: &mut Vec<Violation>) {
    broken.push(Violation { pointer: pointer.to_owned(), rule: rule.to_owned() });
}
