//! A table's stream and the relay that publishes it: in order, a batch at a time, until all of it is taken.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::event::Said;

/// How many records a relay takes at once.
const BATCH: usize = 10;
/// How often a batch's failed entries are sent within one invocation, as the chassis does.
const MAX_SENDS: u8 = 4;

/// What writes have added to outboxes, in the order of the writes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stream {
    records: VecDeque<Vec<Said>>,
    sending: Option<Sending>,
    /// Until then the relay is held up.
    pub ready_at: Timestamp,
}

/// A relay at work.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sending {
    taken: usize,
    unsent: Vec<Said>,
    sends: u8,
}

impl Default for Stream {
    fn default() -> Self {
        Self { records: VecDeque::new(), sending: None, ready_at: Timestamp::MIN }
    }
}

impl Stream {
    /// A write has added these.
    pub fn push(&mut self, events: Vec<Said>) {
        if !events.is_empty() {
            self.records.push_back(events);
        }
    }

    /// Whether everything is published.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// What waits to be published, as far as one batch goes.
    #[must_use]
    pub fn waiting(&self) -> Vec<Said> {
        self.records.iter().take(BATCH).flatten().cloned().collect()
    }

    /// What the relay sends next.
    pub fn begin(&mut self) -> Vec<Said> {
        if let Some(sending) = &self.sending {
            return sending.unsent.clone();
        }
        let unsent = self.waiting();
        self.sending = Some(Sending { taken: self.records.len().min(BATCH), unsent: unsent.clone(), sends: 0 });
        unsent
    }

    /// The bus has not taken these. After too many sends the invocation fails, and the stream brings the batch again.
    pub fn failed(&mut self, unsent: Vec<Said>) {
        let Some(sending) = &mut self.sending else { return };
        sending.sends += 1;
        sending.unsent = unsent;
        if sending.sends >= MAX_SENDS {
            self.sending = None;
        }
    }

    /// The bus has taken everything, and the stream goes on behind it.
    pub fn done(&mut self) {
        if let Some(sending) = self.sending.take() {
            drop(self.records.drain(..sending.taken.min(self.records.len())));
        }
    }

    /// The relay's process has died: the stream brings the batch again.
    pub fn crash(&mut self) {
        self.sending = None;
    }
}
