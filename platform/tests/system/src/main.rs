//! Tests of the whole system on the emulator, from outside: APIs, the gateway's ledger, the mailbox, the bus.
//!
//! They need one or more stages that are up. `OMS_ENV` names the files that `omsctl env --json --tokens` wrote for them,
//! separated by colons. Each test has a stage for itself, so as many tests run side by side as there are stages. Each
//! prints how many seconds it took. `just test-deployed system` does all of this.

#![expect(clippy::unwrap_used, reason = "a failed unwrap shows the line of the test")]

mod at_the_end;
mod bad_input;
mod behind;
mod cancelling;
mod captured;
mod correlation;
mod crowd;
mod dead_letters;
mod drifts;
mod drifts_for_people;
mod expiring;
mod idempotency;
mod invariants;
mod killing;
mod late_facts;
mod listeners;
mod mislabelled;
mod next_minor;
mod one_order;
mod poison;
mod refunds;
mod rollout;
mod staging;
mod stories;
mod stuck;
mod tables;
mod world;
