//! The books of the stock: what is available, held and sold adds up to what was stocked and adjusted.

use inventory::domain::reservation::{Reservation, State};

use super::Rule;
use crate::world::World;

impl World {
    /// Pieces of a sku that reservations hold.
    #[must_use]
    pub fn held_of(&self, sku: u16) -> i64 {
        let reservations = self.reservations.iter();
        reservations.map(|(_, item)| self.pieces(&item.value, sku, item.value.held())).sum()
    }

    fn sold_of(&self, sku: u16) -> i64 {
        let sold = self.reservations.iter().filter(|(_, item)| matches!(item.value.state, State::Committed));
        sold.map(|(_, item)| self.pieces(&item.value, sku, usize::MAX)).sum()
    }

    /// The pieces of a sku in the first lines of a reservation.
    fn pieces(&self, reservation: &Reservation, sku: u16, lines: usize) -> i64 {
        let lines = reservation.lines.iter().take(lines);
        let wanted = lines.filter(|line| self.setting.sku(line.sku.as_str()) == Some(sku));
        wanted.map(|line| i64::from(line.quantity)).sum()
    }

    /// Checks that the books agree.
    pub(super) fn judge_stock(&mut self) {
        for (sku, level) in (0..).zip(self.stock.clone()) {
            let made = self.adjustments.values().filter(|it| self.setting.sku(it.request.sku.as_str()) == Some(sku));
            let adjusted: i64 = made.map(|it| it.request.delta).sum();
            let stocked = i64::from(self.setting.stocked[usize::from(sku)]);
            let (available, held, sold) = (level.available, self.held_of(sku), self.sold_of(sku));
            if available + held + sold != stocked + adjusted {
                let what = format!(
                    "SKU-{sku}: {stocked} stocked, {adjusted} adjusted, {sold} sold, {held} held, {available} available"
                );
                let order = self.reservations.iter().last().map_or(0, |(order, _)| order);
                self.violated(Rule::I1, order, what);
            }
        }
    }
}
