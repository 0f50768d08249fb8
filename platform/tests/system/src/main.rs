//! The whole system on the emulator, seen from outside: APIs, the gateway's ledger, the mailbox, the bus.
//!
//! Needs a stage that is up, or several; `OMS_ENV` names the files that `omsctl env --json --tokens` wrote for them, with
//! a colon between. Each test has one of them for itself, so that as many run side by side as there are stages, and says
//! how many seconds it took. `just test-deployed system` sees to all of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod at_the_end;
mod bad_input;
mod behind;
mod cancelling;
mod captured;
mod crowd;
mod dead_letters;
mod drifts;
mod drifts_for_people;
mod expiring;
mod idempotency;
mod invariants;
mod killing;
mod late_facts;
mod next_minor;
mod poison;
mod refunds;
mod rollout;
mod staging;
mod stories;
mod stuck;
mod tables;
mod world;
