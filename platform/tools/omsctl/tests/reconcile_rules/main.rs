//! What `omsctl reconcile` finds, and what it does not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod consistent;
mod drifts;
mod gateway;
mod given;
mod stock;
