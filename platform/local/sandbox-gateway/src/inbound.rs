//! Requests come in.

mod answer;
mod form;
pub mod http;
