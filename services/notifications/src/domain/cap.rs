//! How many mails go to one address within an hour of the clock.
//!
//! A confirmation mail goes to somebody who may not have asked for it, so each is counted before it is sent, over all
//! customers. An order's mail goes to an address whose owner has confirmed it. It is counted as well, but not at the price
//! of a write: each process counts what it sends, and writes down every [`step`]th.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::address::EmailAddress;
use super::confirmation::hex;

/// Seconds of an hour.
const HOUR: i64 = 3_600;

/// The mails that were counted within one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// The hour: how many have passed since 1970.
    pub hour: i64,
    /// How many mails.
    pub mails: u32,
}

impl Counted {
    /// How many of them count at this time.
    #[must_use]
    pub fn at(self, now: Timestamp) -> u32 {
        if self.hour == hour(now) { self.mails } else { 0 }
    }
}

/// The hour of a time: how many have passed since 1970.
#[must_use]
pub fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR)
}

/// How many seconds of the hour are left.
#[must_use]
pub fn until_next_hour(at: Timestamp) -> i64 {
    HOUR - at.as_second().rem_euclid(HOUR)
}

/// How many mails a process sends to an address before it writes their number down: a fifth of the cap. So of a cap of 20,
/// one process keeps to 20, and each further one adds three at most.
#[must_use]
pub fn step(per_hour: u32) -> u32 {
    (per_hour / 5).max(1)
}

/// What an address is counted under, which is not the address. Letters of either case are one mailbox in practice.
#[must_use]
pub fn key(email: &EmailAddress) -> String {
    hex(&Sha256::digest(email.reveal().to_ascii_lowercase()))
}
