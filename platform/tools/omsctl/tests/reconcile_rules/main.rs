//! What `omsctl reconcile` finds in a snapshot, and what it does not.

#![expect(clippy::unwrap_used, reason = "a failed unwrap shows the line of the test")]

mod consistent;
mod drifts;
mod gateway;
mod given;
mod stock;
mod words;
