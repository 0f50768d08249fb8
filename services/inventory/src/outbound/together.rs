//! Holds that are asked for in the same moment share a transaction: one update of a sku for all of them.
//!
//! The messages of a batch are handled side by side, and an order's creation reads nothing before its write. So the first
//! caller yields once, and finds what the others want to write. Each order has its own answer, as if it were alone, and has
//! it as soon as its own transaction has ended: a caller that waits for the next transaction sends it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chassis::aws::{AwsError, Kind};
use chassis::backoff;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::group::{Chain, Hold, Transaction, chains};
use super::transaction::Answer;
use crate::domain::ids::Sku;

/// The holds of one moment.
#[derive(Debug)]
pub struct Together<P>(Mutex<Vec<Hold<Caller<P>>>>);

#[derive(Debug)]
struct Caller<P> {
    put: P,
    turn: UnboundedSender<Turn<P>>,
}

/// What a caller is told.
#[derive(Debug)]
enum Turn<P> {
    /// Its hold is answered.
    Answered(Answer),
    /// It is to send the next transaction of these.
    Send(Chain<Caller<P>>),
}

impl<P> Default for Together<P> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<P> Together<P> {
    /// Writes a hold, together with those that others ask for at this moment. `send` sends one transaction: the
    /// reservations in this order, then the pieces of each sku. The answer is the order's own: place 0 is its reservation,
    /// and its lines follow.
    ///
    /// # Errors
    /// The service's own words.
    pub async fn write(&self, hold: Hold<P>, send: &impl AsyncFn(&[&P], &BTreeMap<Sku, u64>) -> Answer) -> Answer {
        let (turn, mut turns) = unbounded_channel();
        let Hold { order, put, lines } = hold;
        let hold = Hold { order, put: Caller { put, turn }, lines };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(hold);
        tokio::task::yield_now().await;
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        chains(all).into_iter().for_each(pass_on);
        while let Some(turn) = turns.recv().await {
            match turn {
                Turn::Answered(answer) => return answer,
                Turn::Send(chain) => pass_on(step(chain, send).await),
            }
        }
        let message = "the invocation that wrote for this order ended".to_owned();
        Err(AwsError { kind: Kind::Unreachable, message })
    }
}

/// Sends one transaction, and tells those that it answers.
async fn step<P>(
    mut chain: Chain<Caller<P>>,
    send: &impl AsyncFn(&[&P], &BTreeMap<Sku, u64>) -> Answer,
) -> Chain<Caller<P>> {
    let Some(Transaction { holds, pieces }) = chain.transaction() else { return chain };
    let puts: Vec<&P> = holds.iter().map(|hold| &hold.put.put).collect();
    let how = send(&puts, &pieces).await;
    let ended = chain.ended(how);
    for (hold, answer) in ended.answered {
        // A caller that waits no more learns it from the next delivery of the message.
        drop(hold.put.turn.send(Turn::Answered(answer)));
    }
    if let Some(tries) = ended.tries {
        backoff::CONFLICT.sleep(tries).await;
    }
    chain
}

/// The first that waits for the next transaction sends it.
fn pass_on<P>(chain: Chain<Caller<P>>) {
    let next = chain.holds().map(|hold| &hold.put.turn).find(|turn| !turn.is_closed()).cloned();
    if let Some(next) = next {
        drop(next.send(Turn::Send(chain)));
    }
}
