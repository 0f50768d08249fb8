//! Drives the services' shipped rules through faulty worlds: many by chance, and small ones through everything that
//! can happen.
//!
//! - [`world`]: tables, queues, gateway and what is under way, as one explicit state; [`actors`] run the services in it
//! - [`faults`], [`dice`], [`flaws`]: what can go wrong, by chance or by design
//! - [`invariants`]: what must hold; [`trace`]: who did what
//! - [`shop`], [`run`]: the simulation; [`explore`]: the explorer

pub mod actors;
pub mod dice;
pub mod explore;
pub mod faults;
#[cfg(feature = "flaws")]
pub mod flawed;
pub mod flaws;
pub mod invariants;
pub mod report;
pub mod run;
pub mod schemas;
pub mod shop;
pub mod trace;
pub mod world;
