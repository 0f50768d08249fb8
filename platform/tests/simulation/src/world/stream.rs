//! A table's stream and its relay, which publishes in order, batch by batch, until the bus has accepted everything.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::event::SharedEvent;

/// The records in one batch.
const BATCH: usize = 10;
/// The attempts to send failed entries within one invocation, as in chassis.
const MAX_SENDS: u8 = 4;

/// The outboxes of writes, in the order of the writes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stream {
    records: VecDeque<Vec<SharedEvent>>,
    sending: Option<Sending>,
    /// The relay is delayed until then.
    pub ready_at: Timestamp,
}

/// The batch of a running relay.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sending {
    taken: usize,
    unsent: Vec<SharedEvent>,
    sends: u8,
}

impl Default for Stream {
    fn default() -> Self {
        Self { records: VecDeque::new(), sending: None, ready_at: Timestamp::MIN }
    }
}

impl Stream {
    /// Adds the outbox of a write.
    pub fn push(&mut self, events: Vec<SharedEvent>) {
        if !events.is_empty() {
            self.records.push_back(events);
        }
    }

    /// Whether everything is published.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The unpublished events of the next batch.
    #[must_use]
    pub fn waiting(&self) -> Vec<SharedEvent> {
        self.records.iter().take(BATCH).flatten().cloned().collect()
    }

    /// The events that the relay sends next.
    pub fn begin(&mut self) -> Vec<SharedEvent> {
        if let Some(sending) = &self.sending {
            return sending.unsent.clone();
        }
        let unsent = self.waiting();
        self.sending = Some(Sending { taken: self.records.len().min(BATCH), unsent: unsent.clone(), sends: 0 });
        unsent
    }

    /// The bus refused these. After too many attempts the invocation fails, and the stream delivers the batch again.
    pub fn failed(&mut self, unsent: Vec<SharedEvent>) {
        let Some(sending) = &mut self.sending else { return };
        sending.sends += 1;
        sending.unsent = unsent;
        if sending.sends >= MAX_SENDS {
            self.sending = None;
        }
    }

    /// The bus accepted the batch; the stream continues after it.
    pub fn done(&mut self) {
        if let Some(sending) = self.sending.take() {
            drop(self.records.drain(..sending.taken.min(self.records.len())));
        }
    }

    /// The relay's process died; the stream delivers the batch again.
    pub fn crash(&mut self) {
        self.sending = None;
    }
}
