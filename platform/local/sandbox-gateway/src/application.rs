//! What the gateway does with a request: load → decide → save once, then hold back an answer that must be late.

use std::time::Duration;

use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};
use jiff::Timestamp;

use crate::domain::intent::{self, Answer, Intent, Pace, Repetition};
use crate::domain::refund::{self, RefundRequest};
use crate::outbound::Store;

/// The gateway: its intents, and how long a late answer takes.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// The table of intents.
    pub store: Store,
    /// How long a late answer is held back.
    pub delay: Duration,
}

impl Gateway {
    /// Creates an intent, or answers a repetition from the intent that the same key created before. None if the key was
    /// used for another request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(&self, new: Intent, to_confirm: bool) -> Result<Option<(Intent, Answer)>, StoreError> {
        let at = new.created;
        let (repetition, intent) = match self.store.create(&new).await? {
            Some(existing) => (intent::repeat(&existing, &new.request, to_confirm), existing),
            None if to_confirm => (Repetition::Unfinished, new),
            None => (Repetition::Answered(Answer::Done), new),
        };
        match repetition {
            Repetition::OtherRequest => Ok(None),
            Repetition::Answered(answer) => Ok(Some((intent, answer))),
            // Nothing deletes an intent, so there is one to confirm.
            Repetition::Unfinished => self.confirm(&intent.id, None, at).await,
        }
    }

    /// Confirms an intent, if it exists; `method` replaces the intent's own.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn confirm(
        &self,
        id: &str,
        method: Option<&str>,
        at: Timestamp,
    ) -> Result<Option<(Intent, Answer)>, StoreError> {
        let decide = |intent: &Intent| {
            let (next, answer, pace) = intent::confirm(intent, method, at);
            (Some(next), (answer, pace))
        };
        let Some((intent, (answer, pace))) = self.update(id, decide).await? else { return Ok(None) };
        tracing::info!(intent = id, ?answer, confirms = intent.confirms, "confirmation requested");
        self.hold_back(pace).await;
        Ok(Some((intent, answer)))
    }

    /// Cancels an intent, if it exists; true if that was possible.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cancel(&self, id: &str) -> Result<Option<(Intent, bool)>, StoreError> {
        let decide = |intent: &Intent| {
            let next = intent::cancel(intent);
            let canceled = next.is_some();
            (next, canceled)
        };
        let Some((intent, canceled)) = self.update(id, decide).await? else { return Ok(None) };
        tracing::info!(intent = id, canceled, "cancellation requested");
        Ok(Some((intent, canceled)))
    }

    /// Returns money of an intent's charge, if the intent exists.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refund(
        &self,
        id: &str,
        request: &RefundRequest,
    ) -> Result<Option<(Intent, refund::Answer)>, StoreError> {
        let decide = |intent: &Intent| {
            let (next, answer, pace) = refund::refund(intent, request);
            ((next != *intent).then_some(next), (answer, pace))
        };
        let Some((intent, (answer, pace))) = self.update(id, decide).await? else { return Ok(None) };
        tracing::info!(intent = id, answer = answer.as_str(), calls = intent.refund_calls, "refund requested");
        self.hold_back(pace).await;
        Ok(Some((intent, answer)))
    }

    /// Decides on an intent, if it exists, and saves what it becomes; decides again if another write came between.
    async fn update<A>(
        &self,
        id: &str,
        decide: impl Fn(&Intent) -> (Option<Intent>, A),
    ) -> Result<Option<(Intent, A)>, StoreError> {
        let (store, decide) = (&self.store, &decide);
        let round = |read: Option<Stored<Intent>>| async move {
            let Some(read) = read else { return Ok(Round::Done(None)) };
            let (next, answer) = decide(&read.value);
            let Some(next) = next else { return Ok(Round::Done(Some((read.value, answer)))) };
            Ok(match store.save(&read, &next).await? {
                Saved::Applied(()) => Round::Done(Some((next, answer))),
                Saved::Conflict(current) => Round::Conflict(current),
            })
        };
        retry_on_conflict(id, || store.get(id), round).await
    }

    async fn hold_back(&self, pace: Pace) {
        match pace {
            Pace::Prompt => {}
            Pace::Late => tokio::time::sleep(self.delay).await,
        }
    }
}
