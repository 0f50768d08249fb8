//! How many order mails this process has sent to each customer within the hour, beside what is written down.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::domain::cap::{Counted, hour, step};
use crate::domain::ids::CustomerId;

/// Holds order mails to a cap for each contact and hour. It is one for all deliveries of a process.
#[derive(Debug)]
pub struct Tally {
    per_hour: u32,
    sent: Mutex<Sent>,
}

#[derive(Debug, Default)]
struct Sent {
    hour: i64,
    by_customer: HashMap<CustomerId, Mine>,
}

/// The mails of this process to one customer.
#[derive(Debug, Default, Clone, Copy)]
struct Mine {
    written: u32,
    unwritten: u32,
}

impl Tally {
    /// At most so many mails to a contact within an hour.
    #[must_use]
    pub fn new(per_hour: u32) -> Self {
        Self { per_hour, sent: Mutex::default() }
    }

    /// Counts a mail that is about to be sent, if the cap allows it. `counted` is what was written down, as it was read.
    #[must_use]
    pub fn take(&self, customer: &CustomerId, counted: Counted, now: Timestamp) -> bool {
        self.with(customer, now, |mine| {
            // What was read may be older than what this process has written since.
            let allowed = counted.at(now).max(mine.written) + mine.unwritten < self.per_hour;
            mine.unwritten += u32::from(allowed);
            allowed
        })
    }

    /// Takes back the count of a mail that was certainly not sent.
    pub fn give_back(&self, customer: &CustomerId, now: Timestamp) {
        self.with(customer, now, |mine| mine.unwritten = mine.unwritten.saturating_sub(1));
    }

    /// How many mails are to be written down now, if it is time for it.
    #[must_use]
    pub fn due(&self, customer: &CustomerId, now: Timestamp) -> Option<u32> {
        self.with(customer, now, |mine| {
            let due = Some(mine.unwritten).filter(|mails| *mails >= step(self.per_hour))?;
            *mine = Mine { written: mine.written + due, unwritten: 0 };
            Some(due)
        })
    }

    fn with<T>(&self, customer: &CustomerId, now: Timestamp, change: impl FnOnce(&mut Mine) -> T) -> T {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.hour != hour(now) {
            *sent = Sent { hour: hour(now), ..Sent::default() };
        }
        change(sent.by_customer.entry(customer.clone()).or_default())
    }
}
