//! How the sales went, for people and for programs.

use std::fmt;
use std::time::Duration;

use anyhow::{Result, ensure};
use omsctl::terminal::table;
use serde::Serialize;

/// Both designs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// How our services were compiled.
    pub build: &'static str,
    /// Buyers of each sale.
    pub buyers: u32,
    /// Pieces of each sale.
    pub pieces: u32,
    /// As deployed first.
    pub sales: Vec<Sale>,
}

/// How one sale went.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sale {
    /// How orders are written.
    pub design: &'static str,
    /// Orders that have their piece.
    pub completed: u32,
    /// Orders that were refused because nothing was left.
    pub refused: u32,
    /// Orders that ended in another way.
    pub otherwise: u32,
    /// Pieces that can still be ordered; negative if oversold.
    pub available: i64,
    /// Messages that were given up.
    pub dead_letters: u64,
    /// Orders that inventory answered in a second.
    pub answered_per_second: f64,
    /// Seconds until every order was placed.
    pub placing: f64,
    /// Seconds from inventory's first answer until every order was settled.
    pub settling: f64,
}

impl Sale {
    /// Counts the ends; `times` are those of placing, reserving and settling.
    pub fn new(design: &'static str, ends: &[String], times: [Duration; 3], available: i64, dead_letters: u64) -> Self {
        let count = |status: &str| u32::try_from(ends.iter().filter(|end| *end == status).count()).unwrap_or(u32::MAX);
        let (completed, refused) = (count("COMPLETED"), count("REJECTED"));
        let orders = u32::try_from(ends.len()).unwrap_or(u32::MAX);
        let [placing, reserving, settling] = times.map(|time| time.as_secs_f64());
        Self {
            design,
            completed,
            refused,
            otherwise: orders.saturating_sub(completed).saturating_sub(refused),
            available,
            dead_letters,
            answered_per_second: f64::from(orders) / reserving,
            placing,
            settling,
        }
    }

    /// Pieces that were sold and are not there.
    fn oversold(&self, pieces: u32) -> u32 {
        self.completed.saturating_sub(pieces)
    }
}

impl Report {
    /// Fails unless every piece was sold once and every buyer was answered.
    ///
    /// # Errors
    /// When a sale ended otherwise; the message names the design.
    pub fn check(&self) -> Result<()> {
        for sale in &self.sales {
            let ends = (sale.completed, sale.refused, sale.otherwise, sale.available, sale.dead_letters);
            let expected = (self.pieces, self.buyers - self.pieces, 0, 0, 0);
            ensure!(
                ends == expected,
                "{}: completed, refused, ended otherwise, available and dead letters must be {expected:?} (were {ends:?})",
                sale.design
            );
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["DESIGN", "ANSWERED/S", "COMPLETED", "REFUSED", "OTHERWISE", "OVERSOLD", "PLACED IN", "SETTLED IN"];
        let row = |sale: &Sale| {
            [
                sale.design.to_owned(),
                format!("{:.0}", sale.answered_per_second),
                sale.completed.to_string(),
                sale.refused.to_string(),
                sale.otherwise.to_string(),
                sale.oversold(self.pieces).to_string(),
                format!("{:.0} s", sale.placing),
                format!("{:.0} s", sale.settling),
            ]
        };
        let rows: Vec<_> = self.sales.iter().map(row).collect();
        writeln!(f, "{} buyers of {} pieces of one sku; ours: {}\n", self.buyers, self.pieces, self.build)?;
        write!(f, "{}", table(head, &rows))?;
        if let [together, alone, ..] = self.sales.as_slice() {
            let ratio = together.answered_per_second / alone.answered_per_second;
            writeln!(f, "\nAs deployed, inventory answers {ratio:.1} times as many buyers a second.")?;
        }
        writeln!(
            f,
            "The emulator refuses no transaction that overlaps another. AWS does, and there one sku's own limit begins at about\n\
             100 orders a second with one transaction each, and at about 800 as deployed (docs/capacity.md)."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sale(completed: usize, refused: usize, otherwise: usize) -> Sale {
        let ends = [vec!["COMPLETED"; completed], vec!["REJECTED"; refused], vec!["CANCELLED"; otherwise]].concat();
        let ends: Vec<String> = ends.into_iter().map(str::to_owned).collect();
        Sale::new("a design", &ends, [1, 2, 4].map(Duration::from_secs), 0, 0)
    }

    fn report(sale: Sale) -> Report {
        Report { build: "release build", buyers: 20, pieces: 2, sales: vec![sale] }
    }

    #[test]
    fn every_piece_sold_once_and_every_buyer_answered_is_a_good_sale() {
        report(sale(2, 18, 0)).check().unwrap();
        assert!((sale(2, 18, 0).answered_per_second - 10.0).abs() < 1e-9);
    }

    #[test]
    fn an_oversold_piece_a_buyer_without_an_answer_and_a_dead_letter_fail_and_name_the_design() {
        let (left, dead) = (Sale { available: 1, ..sale(2, 18, 0) }, Sale { dead_letters: 1, ..sale(2, 18, 0) });
        for bad in [sale(3, 17, 0), sale(2, 17, 0), sale(2, 17, 1), left, dead] {
            let shown = report(bad.clone()).check().unwrap_err().to_string();
            assert!(shown.starts_with("a design: completed, refused"), "{shown}");
        }
        assert_eq!(sale(3, 17, 0).oversold(2), 1);
    }

    #[test]
    fn the_table_counts_what_is_oversold() {
        let text = report(sale(3, 17, 0)).to_string();
        let row: Vec<&str> = text.lines().nth(3).unwrap().split_whitespace().collect();
        assert_eq!(row, ["a", "design", "10", "3", "17", "0", "1", "1", "s", "4", "s"], "{text}");
    }
}
