//! The graph of states, recorded while the checker explores. The checker's own "eventually" is unsound where paths join
//! or loop; a search backwards from the states at rest is not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The number of parts of the graph, so that threads seldom wait for each other.
const PARTS: usize = 64;

/// The edges between states, which are identified by their hashes.
#[derive(Debug, Clone, Default)]
pub struct Graph(Arc<Parts>);

#[derive(Debug)]
struct Parts([Mutex<Part>; PARTS]);

#[derive(Debug, Default)]
struct Part {
    edges: Vec<(u64, u64)>,
    resting: Vec<u64>,
}

impl Default for Parts {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Graph {
    /// Records a move from one state to another; `rests` if the system is at rest there.
    pub fn add(&self, from: u64, to: u64, rests: bool) {
        let index = usize::try_from(from % PARTS as u64).unwrap_or_default();
        let mut part = self.0.0[index].lock().unwrap_or_else(PoisonError::into_inner);
        part.edges.push((from, to));
        if rests {
            part.resting.push(to);
        }
    }

    /// The number of states at rest, and the number of states from which none of them can be reached.
    #[must_use]
    pub fn ends(&self) -> (usize, usize) {
        let mut edges = Vec::new();
        let mut resting = Vec::new();
        for part in &self.0.0 {
            let part = part.lock().unwrap_or_else(PoisonError::into_inner);
            edges.extend_from_slice(&part.edges);
            resting.extend_from_slice(&part.resting);
        }
        resting.sort_unstable();
        resting.dedup();
        let mut numbers: HashMap<u64, u32> = HashMap::new();
        let mut number = |print: u64| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(print).or_insert(next)
        };
        let mut back: Vec<(u32, u32)> = edges.iter().map(|(from, to)| (number(*to), number(*from))).collect();
        let mut open: Vec<u32> = resting.iter().map(|print| number(*print)).collect();
        let states = numbers.len();
        back.sort_unstable();
        back.dedup();
        let mut reaches = vec![false; states];
        for state in &open {
            reaches[*state as usize] = true;
        }
        while let Some(state) = open.pop() {
            let begin = back.partition_point(|(to, _)| *to < state);
            for (_, from) in back[begin..].iter().take_while(|(to, _)| *to == state) {
                if !std::mem::replace(&mut reaches[*from as usize], true) {
                    open.push(*from);
                }
            }
        }
        (resting.len(), reaches.iter().filter(|reaches| !**reaches).count())
    }
}
