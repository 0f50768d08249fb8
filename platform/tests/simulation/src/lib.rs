//! Runs the services' shipped rules in a simulated system with faults: large worlds at random, small ones in every
//! interleaving.
//!
//! - [`world`]: tables, queues, gateway and running invocations, as one explicit state; [`actors`]: the services in it
//! - [`faults`], [`dice`], [`flaws`]: what can go wrong, at random or by design
//! - [`invariants`]: what must hold; [`trace`]: what happened to an order
//! - [`flash_sale`]: many buyers of one sku, with the limits of one item of DynamoDB
//! - [`shop`], [`run`]: the simulation; [`explore`]: the explorer

pub mod actors;
pub mod dice;
pub mod explore;
pub mod faults;
pub mod flash_sale;
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
