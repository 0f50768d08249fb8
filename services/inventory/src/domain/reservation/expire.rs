//! Expiring: a hold ends at its time, unless it is committed first.

use jiff::Timestamp;

use super::commit::commit;
use super::release::release;
use super::{Contradiction, End, ReleaseCause, Reservation, State, Step};

/// The two ways in which a hold ends without a cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOrExpiry {
    /// Orders confirmed the order.
    Commit,
    /// The sweep looks at the reservation.
    Expiry {
        /// As of when.
        at: Timestamp,
    },
}

/// A hold's commit and its expiry: whichever is written first decides, and the other changes nothing.
///
/// What is sold never expires. What expired is not sold: orders acts on its InventoryReleased, and cancels the order.
///
/// # Errors
/// [`Contradiction::ConfirmedWithoutHold`], when nothing is reserved and no expiry explains it.
pub fn expiry_against_commit(
    current: Option<&Reservation>,
    end: CommitOrExpiry,
) -> Result<Option<Step>, Contradiction> {
    use CommitOrExpiry::{Commit, Expiry};
    let Some(current) = current else {
        return match end {
            Commit => Err(Contradiction::ConfirmedWithoutHold),
            Expiry { .. } => Ok(None),
        };
    };
    match (&current.state, end) {
        (State::Reserved, Commit) => Ok(Some(commit(current))),
        (State::Reserving { .. } | State::Reserved, Expiry { at }) => {
            Ok(has_expired(current, at).then(|| release(current, current.held(), End::Expired)))
        }
        // A step that was interrupted is completed as it began: the first write has decided.
        (State::Releasing { held, end }, Expiry { .. }) => Ok(Some(release(current, *held, end.clone()))),
        (State::Releasing { held, end: End::Expired }, Commit) => Ok(Some(release(current, *held, End::Expired))),
        (State::Committed, Commit | Expiry { .. })
        | (State::Released(ReleaseCause::Expired), Commit)
        | (State::Released(_) | State::Rejected(_), Expiry { .. }) => Ok(None),
        (
            State::Reserving { .. }
            | State::Releasing { end: End::Cancelled | End::Rejected(_), .. }
            | State::Released(ReleaseCause::Cancelled | ReleaseCause::NeverReserved)
            | State::Rejected(_),
            Commit,
        ) => Err(Contradiction::ConfirmedWithoutHold),
    }
}

fn has_expired(reservation: &Reservation, at: Timestamp) -> bool {
    reservation.expires_at.is_some_and(|expires_at| at >= expires_at)
}
