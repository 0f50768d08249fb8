//! The whole system on the emulator, seen from outside: APIs, the gateway's ledger, the mailbox, the bus.
//!
//! Needs a stage that is up; `OMS_ENV` names the file that `omsctl env --json` wrote for it. `just test` sees to both.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod bad_input;
mod cancelling;
mod crowd;
mod dead_letters;
mod drifts;
mod drifts_for_people;
mod expiring;
mod idempotency;
mod invariants;
mod killing;
mod late_facts;
mod poison;
mod refunds;
mod staging;
mod stories;
mod stuck;
mod tables;
mod world;
