//! The operator's command line of the order system, as a library that the tests of the whole system use, too.
//!
//! On this machine:
//! - [`repository`]: this checkout and the state in `.oms/`
//! - [`emulator`]: the process that emulates AWS
//! - [`up`], [`down`]: a whole local stage; [`uninstall`]: without one of its services; [`stacks`]: its stacks, in order; [`cloudformation`]: one stack
//! - [`users`]: the demo users and their tokens; [`client`]: the APIs as they use them; [`demo`]: five orders to their end
//!
//! In any stage:
//! - [`system`]: what runs, discovered from its stacks
//! - [`logs`], [`invoke`]: what functions did, and one function by hand
//! - [`dlq`]: dead letters and the way back
//! - [`order`]: one order across the services
//! - [`staff_api`]: the APIs as staff use them; [`stuck`]: orders that wait too long; [`reconcile`]: differences between
//!   services, and their repair; [`sweep`]: sweeps by hand
//!
//! From the sources:
//! - [`build`]: compiles; [`package`] and [`template`]: zips and templates for CloudFormation
//! - [`cost`]: what orders cost on AWS
//! - [`deploy`]: to AWS; [`import`]: what outlived a stack, into its next one; [`test_deployed`]: the tests of what is deployed
//! - [`verify`]: what only an account on AWS shows of a stage
//! - [`parameters`]: values of template parameters, checked before anything is built
//! - [`aws`], [`aws_cli`], [`http`], [`terminal`], [`hash`]: clients, output and SHA-256
//! - [`arguments`]: order ids and lengths of time; [`wrong`]: arguments that cannot be meant so

pub mod arguments;
pub mod aws;
pub mod aws_cli;
pub mod build;
pub mod client;
pub mod cloudformation;
pub mod cost;
pub mod demo;
pub mod deploy;
pub mod dlq;
pub mod down;
pub mod emulator;
pub mod hash;
pub mod http;
pub mod import;
pub mod invoke;
pub mod logs;
pub mod order;
pub mod package;
pub mod parameters;
mod process;
pub mod reconcile;
pub mod repository;
pub mod stacks;
pub mod staff_api;
pub mod stuck;
pub mod sweep;
pub mod system;
pub mod template;
pub mod terminal;
pub mod test_deployed;
pub mod uninstall;
pub mod up;
pub mod users;
pub mod verify;
pub mod wrong;
