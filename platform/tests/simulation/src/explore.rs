//! The explorer: an existing model checker makes every move in every state of a small world, so that no interleaving
//! is left out. What a state can lead to is kept as well: from every one, rest must be reachable.
//!
//! What nobody could tell apart is not told apart (`reduce.rs` says what, and why).

mod graph;
mod model;
mod reduce;
mod scenario;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use stateright::{Checker, Model as _};

use crate::faults::Fault;
use crate::flaws::Mechanism;
use crate::invariants::Rule;
use crate::trace::{Trace, Wanted};
pub use model::{Model, State, Step};
pub use scenario::Scenario;

/// How the explorer runs.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// At most so many faults on every path.
    pub faults: u8,
    /// Only faults of this kind, unless it is absent.
    pub only: Option<Fault>,
    /// How many threads.
    pub threads: usize,
    /// How steps follow each other.
    pub mechanism: Mechanism,
    /// When to give up.
    pub most_states: usize,
}

/// What came of exploring one scenario.
#[derive(Debug, Clone)]
pub struct Found {
    /// The scenario.
    pub scenario: Scenario,
    /// At most so many faults on every path.
    pub faults: u8,
    /// Of which kind, if only of one.
    pub only: Option<Fault>,
    /// States that differ.
    pub states: usize,
    /// Moves that were made.
    pub moves: usize,
    /// The longest way to a state.
    pub depth: usize,
    /// States in which everything has come to rest.
    pub resting: usize,
    /// States from which rest cannot be reached.
    pub endless: usize,
    /// Whether every state was visited.
    pub complete: bool,
    /// The rules that were broken, each with a way to it.
    pub broken: BTreeMap<Rule, Vec<String>>,
    /// How long it took.
    pub took: Duration,
}

impl Found {
    /// Whether everything is as it must be.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.broken.is_empty() && self.endless == 0 && self.complete
    }
}

/// What is explored: with one fault, each kind by itself; with more, all kinds together.
#[must_use]
pub fn parts(faults: u8, orders: u16, only: Option<&str>) -> Vec<(Scenario, Option<Fault>)> {
    let mut parts = Vec::new();
    for scenario in Scenario::all(orders) {
        let each = faults == 1 && scenario.most_faults() > 0;
        let kinds = Fault::ALL.into_iter().filter(|fault| fault.can_be_explored());
        let kinds = kinds.filter(|fault| only.is_none_or(|only| fault.as_str().contains(only)));
        if each { parts.extend(kinds.map(|kind| (scenario, Some(kind)))) } else { parts.push((scenario, None)) }
    }
    parts
}

/// Explores one scenario.
#[must_use]
pub fn explore(scenario: Scenario, options: Options) -> Found {
    let begun = Instant::now();
    let faults = options.faults.min(scenario.most_faults());
    let model = Model::new(scenario, options.mechanism, faults, options.only);
    let (first, graph) = (model.first.clone(), model.graph.clone());
    let most = NonZeroUsize::new(options.most_states.saturating_mul(8)).map_or(usize::MAX, NonZeroUsize::get);
    let checker = model.checker().threads(options.threads.max(1)).target_state_count(most);
    let checker = checker.finish_when(stateright::HasDiscoveries::All).spawn_bfs().join();
    let complete = checker.state_count() < most;
    let ways = checker.discoveries();
    let broken = Rule::ALL.into_iter().filter_map(|rule| {
        let way = ways.get(rule.as_str())?.clone().into_actions();
        Some((rule, retold(&first, &way)))
    });
    let broken = broken.collect();
    let (states, moves, depth) = (checker.unique_state_count(), checker.state_count(), checker.max_depth());
    let (resting, endless) = graph.ends();
    Found {
        scenario,
        faults,
        only: options.only,
        states,
        moves,
        depth,
        resting,
        endless,
        complete,
        broken,
        took: begun.elapsed(),
    }
}

/// Who did what on a way through the states.
fn retold(first: &State, way: &[Step]) -> Vec<String> {
    let mut state = first.clone();
    state.world.trace = Trace::of(Wanted::All);
    for step in way {
        state.take(*step);
    }
    state.world.trace.list()
}
