//! Places orders on both sides, in one shuffled run, and takes their times.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use fastrand::Rng;
use futures::future::join_all;

use super::check::mailed;
use super::local::Local;
use super::side::{CHARGED, SKU, Side};
use crate::count::logs::Logged;

/// The pauses between two requests for an order: short where one order is under way, longer where requests of many would
/// be the load.
const ALONE: Duration = Duration::from_millis(20);
const TOGETHER: Duration = Duration::from_millis(250);

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Orders of each side, one at a time; as many again in parallel, rounded up to whole rounds.
    pub orders: usize,
    /// Orders under way at once.
    pub at_once: usize,
    /// The order of the turns.
    pub seed: u64,
}

/// What was measured of one side.
#[derive(Debug, Default)]
pub struct Measured {
    /// The side's name.
    pub name: &'static str,
    /// From POST to COMPLETED, while nothing else was under way.
    pub alone: Vec<Duration>,
    /// From POST to COMPLETED, among others.
    pub together: Vec<Duration>,
    /// How long all orders took that were placed in parallel.
    pub elapsed: Duration,
    /// Milliseconds that an invocation for a message or stream record is billed for, on average, while orders came one at a
    /// time.
    pub billed: f64,
    /// Why orders did not complete.
    pub failures: Vec<String>,
}

/// Measures both sides. The warm-up is as large as a round in parallel, so that no process starts in a measured turn.
///
/// # Errors
/// When an order of the warm-up fails, or the mailbox cannot be read. A measured order that fails is counted.
pub async fn both(local: &Local, sides: [&Side; 2], plan: Plan) -> Result<[Measured; 2]> {
    let mut rng = Rng::with_seed(plan.seed);
    let mut measured = sides.map(|side| Measured { name: side.name, ..Measured::default() });
    for side in sides {
        let (took, _) = round(local, side, "warm-up", plan.at_once).await?;
        took.into_iter().collect::<Result<Vec<_>>>().context("the warm-up failed")?;
    }
    let before = logged(local, sides).await?;
    for turn in turns(&mut rng, plan.orders) {
        let key = format!("alone-{}", measured[turn].alone.len() + measured[turn].failures.len());
        let took = order(sides[turn], &key, ALONE).await;
        if let Ok((id, _)) = &took {
            // What follows COMPLETED must not fall into the next turn.
            mailed(local, id).await?;
        }
        note(took, &mut measured[turn], |measured| &mut measured.alone);
    }
    for ((measured, before), after) in measured.iter_mut().zip(before).zip(logged(local, sides).await?) {
        measured.billed = after.since(before).billed_for_each()?;
    }
    for (n, turn) in turns(&mut rng, plan.orders.div_ceil(plan.at_once)).into_iter().enumerate() {
        let (took, elapsed) = round(local, sides[turn], &format!("together-{n}"), plan.at_once).await?;
        measured[turn].elapsed += elapsed;
        for each in took {
            note(each, &mut measured[turn], |measured| &mut measured.together);
        }
    }
    Ok(measured)
}

/// Which side's turn it is: each as often, shuffled.
fn turns(rng: &mut Rng, each: usize) -> Vec<usize> {
    let mut turns = [vec![0; each], vec![1; each]].concat();
    rng.shuffle(&mut turns);
    turns
}

/// What the functions of each side that handle messages and stream records have logged.
async fn logged(local: &Local, sides: [&Side; 2]) -> Result<[Logged; 2]> {
    let mut all = [Logged::default(); 2];
    for (sum, side) in all.iter_mut().zip(sides) {
        for function in &side.workers {
            *sum = sum.and(Logged::read(&local.aws, function).await?);
        }
    }
    Ok(all)
}

type Took = Result<(String, Duration)>;

/// Places orders at once; returns their times, and how long all of them took.
async fn round(local: &Local, side: &Side, name: &str, orders: usize) -> Result<(Vec<Took>, Duration)> {
    let since = Instant::now();
    let placed = (0..orders).map(|n| async move { order(side, &format!("{name}-{n}"), TOGETHER).await });
    let took = join_all(placed).await;
    let elapsed = since.elapsed();
    for (id, _) in took.iter().flatten() {
        mailed(local, id).await?;
    }
    Ok((took, elapsed))
}

async fn order(side: &Side, key: &str, pause: Duration) -> Took {
    let since = Instant::now();
    let id = side.place(key, &[(SKU, 1)], CHARGED).await?;
    side.until(&id, "status", "COMPLETED", pause).await?;
    Ok((id, since.elapsed()))
}

fn note(took: Took, measured: &mut Measured, times: impl Fn(&mut Measured) -> &mut Vec<Duration>) {
    match took {
        Ok((_, took)) => times(measured).push(took),
        Err(error) => measured.failures.push(format!("{error:#}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_has_as_many_turns_and_the_seed_gives_their_order() {
        let turns = |seed| super::turns(&mut Rng::with_seed(seed), 20);
        assert_eq!(turns(1).iter().sum::<usize>(), 20);
        assert_eq!(turns(1), turns(1));
        assert_ne!(turns(1), turns(2));
    }
}
