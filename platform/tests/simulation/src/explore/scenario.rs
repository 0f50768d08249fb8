//! Small worlds to explore.

use crate::flaws::Mechanism;
use crate::world::{BEGIN, Plan, Request, RequestKind, Setting, World, adjustment};

/// A small world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// One order that can be completed.
    Paid,
    /// One order whose payment method is declined.
    Declined,
    /// One order for a sku that is out of stock.
    OutOfStock,
    /// One order for the last unit, which staff take out of the stock at the same time.
    Adjusted,
    /// Several orders for one unit.
    LastUnit {
        /// The number of orders.
        orders: u16,
    },
}

impl Scenario {
    /// All scenarios, with this many orders for the last unit.
    #[must_use]
    pub fn all(orders: u16) -> [Self; 5] {
        [Self::LastUnit { orders }, Self::Adjusted, Self::OutOfStock, Self::Declined, Self::Paid]
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Paid => "one order with a cancel".to_owned(),
            Self::Declined => "one order with a cancel, declined".to_owned(),
            Self::OutOfStock => "one order with a cancel, out of stock".to_owned(),
            Self::Adjusted => "one order against an adjustment".to_owned(),
            Self::LastUnit { orders } => format!("{orders} orders for one unit"),
        }
    }

    /// The most faults with which the number of states stays manageable.
    #[must_use]
    pub fn most_faults(self) -> u8 {
        if matches!(self, Self::LastUnit { .. } | Self::Adjusted) { 0 } else { u8::MAX }
    }

    /// The world before its first request.
    #[must_use]
    pub fn world(self, mechanism: Mechanism) -> World {
        let orders = if let Self::LastUnit { orders } = self { orders } else { 1 };
        let plan = |number| Plan { declined: self == Self::Declined, ..Plan::new(number, 0, vec![(0, 1)]) };
        let mut setting = Setting::new((0..orders).map(plan).collect(), vec![u32::from(self != Self::OutOfStock)]);
        setting.timeless = true;
        setting.adjustments = vec![adjustment("take", 0, -1)];
        setting.mechanism = mechanism;
        let request = |kind, order| Request { kind, order, ready_at: BEGIN };
        let mut requests: Vec<_> = (0..orders).map(|order| request(RequestKind::Place, order)).collect();
        if self == Self::Adjusted {
            requests.push(request(RequestKind::Adjust(0), 0));
        } else if orders == 1 {
            requests.push(request(RequestKind::Cancel, 0));
        }
        World::new(setting, requests)
    }
}
