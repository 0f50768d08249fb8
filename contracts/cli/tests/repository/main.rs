//! The commands on whole repositories, one made for each test: what they print and write.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod asking;
mod bad_input;
mod golden;
mod history;
mod of_rust_types;
mod outside;
mod releasing;
mod repository;
mod retiring;
mod successor;
mod validating;
mod worked_example;
