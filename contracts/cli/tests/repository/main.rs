//! Whole repositories, made for each test: what the commands say of them, and what they write.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod asking;
mod bad_input;
mod releasing;
mod repository;
mod successor;
mod validating;
mod worked_example;
