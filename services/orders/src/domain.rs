//! The rules of an order: pure, no I/O, no clock, no randomness.
//!
//! An order is three facets: what it knows of its stock ([`inventory`]), of its money ([`payment`], [`refund`]), and
//! its own [`decision`]; [`order`] joins them. Read [`order`] first, then [`cancel`], then the other topics.

pub mod announce;
pub mod attention;
pub mod cancel;
pub mod decision;
pub mod ids;
pub mod ignored;
pub mod inventory;
pub mod line;
pub mod money;
pub mod order;
pub mod payment;
pub mod place;
pub mod refund;
pub mod status;
pub mod sweep;
pub mod waiting;
