//! The facet of stock: what inventory has published about an order. It only moves up in rank.

use jiff::Timestamp;

use super::decision::{CancelReason, Event};
use super::ids::ReservationId;

/// Why a line could not be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shortfall {
    /// Fewer pieces are available than were ordered.
    InsufficientStock,
    /// A sku was never stocked.
    UnknownSku,
}

/// What is known of the order's stock. Declared in rank: a fact moves the facet up or not at all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inventory {
    /// Nothing yet.
    None,
    /// All lines are held.
    Reserved {
        /// The hold.
        reservation: ReservationId,
        /// When it ends unless it is committed.
        expires_at: Timestamp,
    },
    /// A line could not be held.
    Rejected {
        /// Why; unknown of what was stored before it was read.
        why: Option<Shortfall>,
    },
    /// Nothing is held any more, and nothing will be.
    Released {
        /// Whether the hold ran out by itself.
        expired: bool,
    },
    /// The pieces are sold.
    Committed {
        /// The hold that became the sale.
        reservation: ReservationId,
    },
}

impl Inventory {
    /// The facet after a fact. Of what is known and what arrives the higher rank remains, so that facts may arrive in
    /// any sequence, and twice: a release does not undo a sale, nor a hold a release.
    pub(super) fn with(self, arrived: Self) -> Self {
        self.max(arrived)
    }

    /// The hold that is or was sold.
    pub(super) fn reservation(&self) -> Option<&ReservationId> {
        match self {
            Self::Reserved { reservation, .. } | Self::Committed { reservation } => Some(reservation),
            Self::None | Self::Rejected { .. } | Self::Released { .. } => None,
        }
    }
}

/// What follows for a confirmed order. Inventory sells its pieces or lets the hold run out, whichever it wrote first.
/// The end of the hold cancels also after the pivot: nothing is left to be sold.
pub(super) fn expiry_against_commit(inventory: &Inventory) -> Option<Event> {
    match inventory {
        Inventory::Committed { .. } => Some(Event::Completed),
        Inventory::Released { expired: true } => Some(Event::Cancelled { reason: CancelReason::ReservationExpired }),
        Inventory::None
        | Inventory::Reserved { .. }
        | Inventory::Rejected { .. }
        | Inventory::Released { expired: false } => None,
    }
}

/// Whether inventory still has to give back the stock of a cancelled order. A hold that arrives after the cancel
/// changes nothing else: its release follows, and until then the order is not settled.
pub(super) fn inventory_reserved_after_cancel(inventory: &Inventory) -> bool {
    match inventory {
        Inventory::None | Inventory::Reserved { .. } | Inventory::Committed { .. } => true,
        Inventory::Rejected { .. } | Inventory::Released { .. } => false,
    }
}
