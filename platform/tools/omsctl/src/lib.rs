//! The operator's command line of the order system, and the library that its demo and system tests use.
//!
//! - [`repository`]: where this checkout is, and what omsctl remembers about it in `.oms/`.
//! - [`emulator`]: the process that stands in for AWS on one machine.
//! - [`package`] and [`template`]: a binary becomes a bootstrap.zip, a template finds it in a bucket.
//! - [`deploy`]: one stack is created or updated; [`stacks`]: which there are; [`up`]: all of them, in their order.
//! - [`system`]: what runs in a stage, discovered from its stacks.
//! - [`users`]: the demo users of the stage's user pool, and tokens for them.
//! - [`logs`], [`invoke`]: looking at a function, and calling one by hand.
//! - [`dlq`]: what could not be handled, and the way back.
//! - [`desk`]: the services' APIs as staff use them; [`stuck`]: orders that wait too long; [`reconcile`]: whether all sides
//!   tell the same story; [`sweep`]: waking what looks at the clock.
//! - [`shop`]: the stage as customers and staff see it; [`demo`]: five orders followed to their end.
//! - [`aws`], [`http`]: the clients.

pub mod aws;
pub mod demo;
pub mod deploy;
pub mod desk;
pub mod dlq;
pub mod emulator;
pub mod http;
pub mod invoke;
pub mod logs;
pub mod package;
pub mod reconcile;
pub mod repository;
pub mod shop;
pub mod stacks;
pub mod stuck;
pub mod sweep;
pub mod system;
pub mod template;
pub mod terminal;
pub mod up;
pub mod users;
