//! How long a failed try waits before the next one: all waits of this crate.
//!
//! Each doubles with every try, up to a longest, and carries jitter, so that those who failed together do not come back
//! together. Source: "Exponential Backoff And Jitter", AWS Architecture Blog.

use std::time::Duration;

/// How the wait grows with the tries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// The ceiling after the first try.
    pub first: Duration,
    /// The highest ceiling.
    pub longest: Duration,
    /// The share of the ceiling that is always waited, from 0 to 1; the rest is left to chance.
    pub at_least: f64,
}

/// A message that goes back to its queue while others wait for what it leads to.
pub const URGENT: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(30), at_least: 0.0 };
/// A message that goes back to its queue later than that.
pub const PATIENT: Backoff = Backoff { longest: Duration::from_mins(15), ..URGENT };
/// A message that is suspected to fail each time.
pub const SUSPECT: Backoff = Backoff { first: Duration::from_secs(4), longest: Duration::from_secs(30), at_least: 0.5 };
/// Events that the bus did not take.
pub const PUBLISH: Backoff =
    Backoff { first: Duration::from_millis(200), longest: Duration::from_millis(800), at_least: 0.5 };
/// Items that others are writing, and reads that the table put off.
pub const CONFLICT: Backoff =
    Backoff { first: Duration::from_millis(40), longest: Duration::from_millis(640), at_least: 0.0 };

impl Backoff {
    /// How long to wait after so many tries, from 1.
    pub fn wait(self, tries: u32) -> Duration {
        self.with_chance(tries, fastrand::f64())
    }

    /// How long to wait if `chance`, from 0 to 1, decides.
    pub fn with_chance(self, tries: u32, chance: f64) -> Duration {
        let doublings = tries.saturating_sub(1).min(31);
        let ceiling = self.first.saturating_mul(1 << doublings).min(self.longest);
        ceiling.mul_f64(self.at_least + chance * (1.0 - self.at_least))
    }

    /// Waits that long.
    pub async fn sleep(self, tries: u32) {
        tokio::time::sleep(self.wait(tries)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(backoff: Backoff, tries: &[u32], chance: f64) -> Vec<u128> {
        tries.iter().map(|tries| backoff.with_chance(*tries, chance).as_millis()).collect()
    }

    #[test]
    fn what_may_succeed_later_waits_longer_each_time() {
        assert_eq!(millis(URGENT, &[1, 2, 3, 4, 5, 6, 40], 1.0), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(millis(PATIENT, &[1, 11, 40], 1.0), [1_000, 900_000, 900_000]);
        assert_eq!(millis(PUBLISH, &[1, 2, 3], 1.0), [200, 400, 800]);
        assert_eq!(millis(CONFLICT, &[1, 2, 5, 6, 12], 1.0), [40, 80, 640, 640, 640]);
    }

    #[test]
    fn jitter_shortens_a_wait_by_its_share_at_most() {
        assert_eq!(millis(SUSPECT, &[1, 40], 0.0), [2_000, 15_000]);
        assert_eq!(millis(URGENT, &[40], 0.0), [0]);
        assert_eq!(millis(CONFLICT, &[3], 0.0), [0]);
    }
}
