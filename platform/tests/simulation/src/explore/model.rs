//! The world as the model checker sees it.

use std::hash::Hash;

use stateright::Property;

use super::Scenario;
use super::graph::Graph;
use super::reduce::{essential, faults_on_the_way};
use crate::faults::Fault;
use crate::flaws::Mechanism;
use crate::invariants::Rule;
use crate::world::{Move, Service, World, hash_of};

/// A world, and how many more faults may occur in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// The world.
    pub world: World,
    /// The faults that may still occur.
    pub faults: u8,
}

/// A move, with its fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The move.
    pub next: Move,
    /// The fault that occurs, if any.
    pub fault: Option<Fault>,
}

/// What the checker explores.
#[derive(Debug)]
pub struct Model {
    /// The initial state.
    pub first: State,
    /// Only faults of this kind; all kinds if absent.
    pub only: Option<Fault>,
    /// The states and moves that were visited.
    pub graph: Graph,
}

impl stateright::Model for Model {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![self.first.clone()]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        let world = &state.world;
        let mut moves = Vec::new();
        world.moves(&mut moves);
        let is_quiet = moves.is_empty();
        let waits = world.next_wake_up().is_some();
        if is_quiet && waits {
            moves.push(Move::Tick);
        } else if is_quiet && !world.letters.is_empty() {
            moves.push(Move::Redrive);
        }
        if world.askers() > 1 {
            moves.push(Move::Together);
        }
        essential(world, &mut moves);
        steps.extend(moves.iter().map(|next| Step { next: *next, fault: None }));
        if state.faults == 0 {
            return;
        }
        for next in moves {
            let faults = world.faults(next).iter().chain(faults_on_the_way(world, next));
            let met = faults.filter(|fault| self.may_meet(**fault) && makes_a_difference(next, **fault));
            steps.extend(met.map(|fault| Step { next, fault: Some(*fault) }));
        }
        if !is_quiet && waits && self.may_meet(Fault::Stall) {
            steps.push(Step { next: Move::Tick, fault: Some(Fault::Stall) });
        }
        if self.may_meet(Fault::StaleIndex) {
            steps.extend(stale(world).map(|next| Step { next, fault: Some(Fault::StaleIndex) }));
        }
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut state = last.clone();
        let rests = state.take(step);
        self.graph.add(hash_of(last), hash_of(&state), rests);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        macro_rules! holds {
            ($($rule:ident)*) => {
                vec![$(Property::always(Rule::$rule.as_str(), |_, state| keeps(state, Rule::$rule)),)*]
            };
        }
        holds!(I1 I2 I3 I4 I5 I6 I7 I8 Hold Transaction Dead Rest Panic)
    }
}

impl Model {
    /// A scenario with at most this many faults on a path.
    #[must_use]
    pub fn new(scenario: Scenario, mechanism: Mechanism, faults: u8, only: Option<Fault>) -> Self {
        Self { first: State { world: scenario.world(mechanism), faults }, only, graph: Graph::default() }
    }

    fn may_meet(&self, fault: Fault) -> bool {
        self.only.is_none_or(|only| only == fault)
    }
}

/// A delay changes nothing where durations are open anyway. A relay without its answer sends the same again as a relay
/// that died.
fn makes_a_difference(next: Move, fault: Fault) -> bool {
    fault != Fault::Delay && !(fault == Fault::Unanswered && matches!(next, Move::Relay(_)))
}

fn keeps(state: &State, rule: Rule) -> bool {
    state.world.violations.iter().all(|violation| violation.rule != rule)
}

/// A stale index may show any item.
fn stale(world: &World) -> impl Iterator<Item = Move> {
    let orders = world.orders.iter().map(|(order, _)| Move::Sweep(Service::Orders, order));
    let reservations = world.reservations.iter().map(|(order, _)| Move::Sweep(Service::Inventory, order));
    let payments = world.payments.iter().map(|(order, _)| Move::Sweep(Service::Payments, order));
    orders.chain(reservations).chain(payments)
}
