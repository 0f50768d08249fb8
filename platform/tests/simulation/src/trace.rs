//! What happened to an order, as a numbered list; recorded only for the orders that were asked for.

use jiff::Timestamp;

use crate::world::BEGIN;

/// The recorded lines.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    wanted: Wanted,
    lines: Vec<Line>,
    actor: String,
}

/// Which orders are recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    /// No order.
    #[default]
    Nothing,
    /// This order.
    One(u16),
    /// All orders of a shop.
    All,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it happened.
    pub at: Timestamp,
    /// The order, as its shop counts.
    pub order: u16,
    /// What happened.
    pub what: String,
}

impl Trace {
    /// A trace of these orders.
    #[must_use]
    pub fn of(wanted: Wanted) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Records a line if its order was asked for. A line that begins with a space is about the current actor.
    pub fn note(&mut self, at: Timestamp, order: u16, what: impl FnOnce() -> String) {
        if self.wants(order) {
            let what = what();
            let what = if what.starts_with(' ') { format!("{}:{what}", self.actor) } else { what };
            self.lines.push(Line { at, order, what });
        }
    }

    /// Sets the current actor.
    pub fn acts(&mut self, order: u16, who: impl FnOnce() -> String) {
        if self.wants(order) {
            self.actor = who();
        }
    }

    fn wants(&self, order: u16) -> bool {
        match self.wanted {
            Wanted::Nothing => false,
            Wanted::One(wanted) => wanted == order,
            Wanted::All => true,
        }
    }

    /// The numbered list: seconds since the world began, actor, action.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        let several = self.wanted == Wanted::All;
        let line = |(number, line): (usize, &Line)| {
            let order = if several { format!("order {:<3} ", line.order) } else { String::new() };
            format!("{number:>5}  {:>12.3} s  {order}{}", line.at.duration_since(BEGIN).as_secs_f64(), line.what)
        };
        (1..).zip(&self.lines).map(line).collect()
    }
}
