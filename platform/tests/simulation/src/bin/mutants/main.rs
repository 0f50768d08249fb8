//! Breaks the services' rules on purpose, one at a time, and shows what catches each.
//!
//! A mutant is a text in `mutants.toml` and its replacement. All of them are put into one copy of the sources, each
//! behind a switch in the environment, and compiled once; the sources in the repository do not change. The simulation's
//! command `flaws` does the same for the simulated mechanism and for two known bad designs; its result follows.

mod build;
mod list;
mod verdict;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use clap::Parser;

use list::Mutant;
use verdict::{Simulation, Verdict};

/// Run the simulation on rules that are broken on purpose, and show what catches each.
#[derive(Debug, Parser)]
struct Cli {
    /// The number of orders that a mutant may survive.
    #[arg(long, default_value_t = 20_000)]
    orders: u64,
    /// The seed of every random choice.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Only mutants whose name contains this text.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Cargo's target directory [default: the repository's].
    #[arg(long, env = "CARGO_TARGET_DIR", value_name = "FOLDER")]
    target: Option<PathBuf>,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

/// True if every mutant was caught, and the unchanged rules violated nothing.
fn run(cli: &Cli) -> Result<bool> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize()?;
    let target = cli.target.clone().unwrap_or_else(|| repository.join("target"));
    let mutants = list::mutants(&repository)?;
    eprintln!("compiling {} mutants of the rules", mutants.len());
    let binary = build::build(&repository, &target, &mutants)?;
    let wanted = |mutant: &Mutant| cli.only.as_deref().is_none_or(|text| mutant.name.contains(text));
    let mutants: Vec<Mutant> = mutants.into_iter().filter(wanted).collect();
    ensure!(!mutants.is_empty(), "no mutant has a name with this text; to list all, run `just mutants`");
    let simulation = Simulation { binary, orders: cli.orders, seed: cli.seed };
    let intact = simulation.run(None)?;
    let verdicts = run_all(&mutants, |mutant| simulation.run(Some(mutant)))?;
    let results: Vec<(&Mutant, &Verdict)> = mutants.iter().zip(&verdicts).collect();
    let flaws = if cli.only.is_none() { Some(simulation.flaws(cli.json)?) } else { None };
    print!(
        "{}",
        if cli.json {
            verdict::json(&results, flaws.as_ref())
        } else {
            verdict::table(&intact, &results, flaws.as_ref())
        }
    );
    let sound = !intact.is_caught() && flaws.is_none_or(|flaws| flaws.all_caught);
    Ok(sound && verdicts.iter().all(Verdict::is_caught))
}

/// Runs the mutants, one on each processor, with a line of progress for each.
fn run_all(mutants: &[Mutant], run: impl Fn(&Mutant) -> Result<Verdict> + Sync) -> Result<Vec<Verdict>> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((index, mutant)) = mutants.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed)) {
            let verdict = run(mutant).with_context(|| format!("cannot simulate {}", mutant.name));
            let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            done.push((index, verdict));
            let how = done.last().and_then(|(_, verdict)| verdict.as_ref().ok()).map(Verdict::short);
            eprintln!("{:>3} of {}  {}: {}", done.len(), mutants.len(), mutant.name, how.unwrap_or_default());
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, verdict)| verdict).collect()
}
