//! The explorer: a model checker makes every move in every state of a small world, so that it covers every interleaving.
//! It also records which state leads to which: from each, the system must be able to come to rest.
//!
//! Steps whose order cannot be observed are taken together; `reduce.rs` lists them with the reasons.

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
    /// The most faults on a path.
    pub faults: u8,
    /// Only faults of this kind; all kinds if absent.
    pub only: Option<Fault>,
    /// The number of threads.
    pub threads: usize,
    /// How steps follow each other.
    pub mechanism: Mechanism,
    /// The most states to visit.
    pub most_states: usize,
}

/// The result of exploring one scenario.
#[derive(Debug, Clone)]
pub struct Found {
    /// The scenario.
    pub scenario: Scenario,
    /// The most faults on a path.
    pub faults: u8,
    /// The kind of faults, if only one kind was allowed.
    pub only: Option<Fault>,
    /// Distinct states.
    pub states: usize,
    /// Moves between states.
    pub moves: usize,
    /// The length of the longest path to a state.
    pub depth: usize,
    /// States in which the system has come to rest.
    pub resting: usize,
    /// States from which the system cannot come to rest.
    pub endless: usize,
    /// Whether every state was visited.
    pub complete: bool,
    /// The broken rules, each with a path to the violation.
    pub broken: BTreeMap<Rule, Vec<String>>,
    /// How long it took.
    pub took: Duration,
}

impl Found {
    /// Whether no rule is broken, every state can come to rest, and every state was visited.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.broken.is_empty() && self.endless == 0 && self.complete
    }
}

/// The explorations: with one fault, one for each kind; with more faults, all kinds together.
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

/// The trace of a path through the states.
fn retold(first: &State, way: &[Step]) -> Vec<String> {
    let mut state = first.clone();
    state.world.trace = Trace::of(Wanted::All);
    for step in way {
        state.take(*step);
    }
    state.world.trace.list()
}
