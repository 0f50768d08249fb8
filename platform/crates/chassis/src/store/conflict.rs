//! The one loop of every use case: load → decide → save, and decide again on what is there now if others wrote first.

use super::{Saved, StoreError};
use crate::backoff;

/// How often a use case decides again because others wrote first.
const MAX_CONFLICTS: u32 = 12;
/// How many rounds a use case may take in all: more steps than any has, lost races included.
const MAX_ROUNDS: u32 = MAX_CONFLICTS + 24;

/// What one round of a use case came to: `A` is the use case's answer, `S` the state that it decides on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Round<A, S> {
    /// Nothing is left to do.
    Done(A),
    /// One step is done and another follows: decide on this.
    More(S),
    /// Somebody else wrote first: decide again, on what is there now.
    Conflict(S),
    /// Others are writing the same items, and what is there now is not known: wait, load and decide again.
    Lost,
}

/// Loads, then lets `round` decide and save, until it is done. After a conflict the next round decides on what is there
/// now. `key` names the aggregate in the error.
///
/// # Errors
/// What `load` and `round` return; [`StoreError::Contended`] after too many conflicts.
pub async fn retry_on_conflict<S, A, E, L, R>(key: &str, load: impl Fn() -> L, round: impl Fn(S) -> R) -> Result<A, E>
where
    L: Future<Output = Result<S, StoreError>>,
    R: Future<Output = Result<Round<A, S>, E>>,
    E: From<StoreError>,
{
    let (mut read, mut conflicts) = (load().await?, 0);
    for _ in 0..MAX_ROUNDS {
        let ended = round(read).await?;
        conflicts += u32::from(matches!(ended, Round::Conflict(_) | Round::Lost));
        read = match ended {
            Round::Done(answer) => return Ok(answer),
            Round::More(_) | Round::Conflict(_) | Round::Lost if conflicts == MAX_CONFLICTS => break,
            Round::More(state) | Round::Conflict(state) => state,
            Round::Lost => {
                backoff::CONFLICT.sleep(conflicts).await;
                load().await?
            }
        };
    }
    Err(StoreError::Contended(key.to_owned()).into())
}

/// A use case whose answer is what it wrote.
impl<A, S> From<Saved<A, S>> for Round<A, S> {
    fn from(saved: Saved<A, S>) -> Self {
        match saved {
            Saved::Applied(written) => Self::Done(written),
            Saved::Conflict(current) => Self::Conflict(current),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Counts up by one a round until `round` is done.
    async fn count(round: impl Fn(u32) -> Round<u32, u32>) -> (Result<u32, StoreError>, u32) {
        let loads = Cell::new(0);
        let load = || {
            loads.set(loads.get() + 1);
            std::future::ready(Ok(0))
        };
        let ended = retry_on_conflict("key-1", load, |read| std::future::ready(Ok(round(read)))).await;
        (ended, loads.get())
    }

    #[tokio::test]
    async fn a_conflict_is_decided_again_on_what_is_there_now() {
        let (ended, loads) = count(|read| if read < 3 { Round::Conflict(read + 1) } else { Round::Done(read) }).await;
        assert_eq!((ended.unwrap(), loads), (3, 1));
    }

    #[tokio::test]
    async fn steps_are_no_conflicts() {
        let (ended, loads) = count(|read| if read < 20 { Round::More(read + 1) } else { Round::Done(read) }).await;
        assert_eq!((ended.unwrap(), loads), (20, 1));
    }

    #[tokio::test]
    async fn a_lost_transaction_is_decided_again_on_what_is_loaded_then() {
        let lost = Cell::new(0);
        let (ended, loads) = count(|read| {
            lost.set(lost.get() + 1);
            if lost.get() < 3 { Round::Lost } else { Round::Done(read) }
        })
        .await;
        assert_eq!((ended.unwrap(), loads), (0, 3));
    }

    #[tokio::test]
    async fn too_many_conflicts_are_left_to_a_later_try() {
        let rounds = Cell::new(0);
        let (ended, _) = count(|read| {
            rounds.set(rounds.get() + 1);
            Round::Conflict(read)
        })
        .await;
        assert!(matches!(ended, Err(StoreError::Contended(key)) if key == "key-1"));
        assert_eq!(rounds.get(), MAX_CONFLICTS);
    }

    #[tokio::test]
    async fn a_use_case_without_an_end_is_given_up() {
        assert!(count(Round::More).await.0.is_err());
    }
}
