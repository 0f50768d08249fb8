//! Who did what, for people: a numbered list, kept only for the orders that somebody asks for.

use jiff::Timestamp;

use crate::world::BEGIN;

/// What is kept of what happens.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    wanted: Wanted,
    lines: Vec<Line>,
    actor: String,
}

/// Which orders are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    /// None.
    #[default]
    Nothing,
    /// This one.
    One(u16),
    /// All of a shop.
    All,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// To which order.
    pub order: u16,
    /// What.
    pub what: String,
}

impl Trace {
    /// A trace of these orders.
    #[must_use]
    pub fn of(wanted: Wanted) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Keeps a line if its order is wanted. What begins with a space is done by whoever acts.
    pub fn note(&mut self, at: Timestamp, order: u16, what: impl FnOnce() -> String) {
        if self.wants(order) {
            let what = what();
            let what = if what.starts_with(' ') { format!("{}:{what}", self.actor) } else { what };
            self.lines.push(Line { at, order, what });
        }
    }

    /// From now on somebody else acts.
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

    /// The numbered list: time since the world's beginning, and who did what.
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
