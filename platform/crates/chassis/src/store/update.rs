//! The older form of [`retry_on_conflict`](super::retry_on_conflict), for one item whose decision awaits nothing.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Change, Saved, StoreError, Stored, Table};

/// How often it is decided again because others wrote first.
const MAX_CONFLICTS: u32 = 12;

impl Table {
    /// Loads, decides and saves, and decides again on what is there now if others wrote first.
    /// `decide` returns its answer and, if anything is to be written, the change.
    ///
    /// # Errors
    /// What `decide` or the table returns; [`StoreError::Contended`] after too many lost races.
    pub async fn update<R, A, E>(
        &self,
        key: &str,
        mut decide: impl FnMut(Option<&Stored<R>>) -> Result<(A, Option<Change<R>>), E>,
    ) -> Result<A, E>
    where
        R: Serialize + DeserializeOwned,
        E: From<StoreError>,
    {
        let mut item = self.load::<R>(key).await?;
        for _ in 0..MAX_CONFLICTS {
            let (answer, change) = decide(item.as_ref())?;
            let Some(change) = change else { return Ok(answer) };
            let read = item.as_ref().map(|item| item.revision).unwrap_or_default();
            match self.save(key, change, read).await? {
                Saved::Applied(_) => return Ok(answer),
                Saved::Conflict(current) => item = current,
            }
        }
        Err(StoreError::Contended { key: key.to_owned() }.into())
    }
}
