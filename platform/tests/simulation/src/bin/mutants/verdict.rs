//! The result of a mutant in the simulation.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::list::Mutant;

/// The simulation that was compiled with the mutants.
#[derive(Debug)]
pub struct Simulation {
    /// Its binary.
    pub binary: PathBuf,
    /// The number of orders that a mutant may survive.
    pub orders: u64,
    /// The seed of every random choice.
    pub seed: u64,
}

/// What caught a mutant, if anything did.
#[derive(Debug, Clone)]
pub struct Verdict {
    caught: Option<Caught>,
    /// The number of simulated orders.
    orders: u64,
}

#[derive(Debug, Clone)]
struct Caught {
    rule: String,
    what: String,
    orders: u64,
}

/// The result of flaws in the mechanism and of known bad designs.
#[derive(Debug, Clone)]
pub struct Flaws {
    /// The output of the simulation.
    pub output: String,
    /// Whether all of them were caught.
    pub all_caught: bool,
}

impl Verdict {
    /// Whether anything caught it.
    pub fn is_caught(&self) -> bool {
        self.caught.is_some()
    }

    /// For a line of progress.
    pub fn short(&self) -> String {
        let caught = |it: &Caught| format!("caught by {} after {} orders", it.rule, it.orders);
        self.caught.as_ref().map_or_else(|| "nothing caught it".to_owned(), caught)
    }
}

impl Simulation {
    /// Simulates with a mutant, or without any, until a violation or until all orders have settled.
    ///
    /// # Errors
    /// When the simulation does not run, or its output is not a report.
    pub fn run(&self, mutant: Option<&Mutant>) -> Result<Verdict> {
        let mut command = self.command("run");
        command.args(["--threads", "1", "--stop-at-first", "--json"]);
        if let Some(mutant) = mutant {
            command.env("OMS_MUTANT", &mutant.name);
        }
        let ran = command.output()?;
        let Ok(report) = serde_json::from_slice::<Value>(&ran.stdout) else {
            bail!("the simulation failed: {}", String::from_utf8_lossy(&ran.stderr));
        };
        let count =
            |value: &Value, key: &str| value[key].as_u64().with_context(|| format!("the report has no {key}: {value}"));
        let first = Some(&report["first"]).filter(|first| !first.is_null());
        let caught = first.map(|first| {
            let text = |key: &str| {
                first[key].as_str().map(ToOwned::to_owned).with_context(|| format!("the report has no {key}"))
            };
            anyhow::Ok(Caught { rule: text("rule")?, what: text("what")?, orders: count(first, "ordersUntilThen")? })
        });
        Ok(Verdict { caught: caught.transpose()?, orders: count(&report, "orders")? })
    }

    /// Simulates the flaws of the mechanism and the known bad designs.
    ///
    /// # Errors
    /// When the simulation does not run.
    pub fn flaws(&self, json: bool) -> Result<Flaws> {
        let mut command = self.command("flaws");
        if json {
            command.arg("--json");
        }
        let ran = command.output()?;
        Ok(Flaws { output: String::from_utf8(ran.stdout)?, all_caught: ran.status.success() })
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.args([name, "--orders", &self.orders.to_string(), "--seed", &self.seed.to_string()]);
        command.env_remove("OMS_MUTANT");
        command
    }
}

/// The results as a table.
pub fn table(intact: &Verdict, results: &[(&Mutant, &Verdict)], flaws: Option<&Flaws>) -> String {
    let mut out = String::new();
    let name = results.iter().map(|(mutant, _)| mutant.name.len()).max().unwrap_or_default();
    let breaks = results.iter().map(|(mutant, _)| mutant.breaks.chars().count()).max().unwrap_or_default();
    let mut line = |cells: [&str; 4]| {
        let [first, second, third, fourth] = cells;
        writeln!(out, "{first:name$}  {second:breaks$}  {third:<13}{fourth:>8}").unwrap_or_default();
    };
    line(["mutant", "what is broken", "caught by", "orders"]);
    for (mutant, verdict) in results {
        let caught = verdict.caught.as_ref();
        let orders = caught.map_or(verdict.orders, |it| it.orders).to_string();
        line([&mutant.name, &mutant.breaks, caught.map_or("NOTHING", |it| it.rule.as_str()), &orders]);
    }
    let caught = results.iter().filter(|(_, verdict)| verdict.is_caught()).count();
    let intact = if intact.is_caught() { intact.short() } else { format!("nothing in {} orders", intact.orders) };
    writeln!(out, "{caught} of {} mutants caught; without a mutant: {intact}", results.len()).unwrap_or_default();
    if let Some(flaws) = flaws {
        writeln!(out, "\n{}", flaws.output.trim_end()).unwrap_or_default();
    }
    out
}

/// The results as JSON.
pub fn json(results: &[(&Mutant, &Verdict)], flaws: Option<&Flaws>) -> String {
    let one = |(mutant, verdict): &(&Mutant, &Verdict)| {
        let caught = verdict.caught.as_ref();
        json!({
            "mutant": mutant.name,
            "breaks": mutant.breaks,
            "caughtBy": caught.map(|it| &it.rule),
            "what": caught.map(|it| &it.what),
            "orders": caught.map_or(verdict.orders, |it| it.orders),
        })
    };
    let mutants: Vec<Value> = results.iter().map(one).collect();
    let machinery = flaws.and_then(|flaws| serde_json::from_str::<Value>(&flaws.output).ok());
    format!("{}\n", json!({ "mutants": mutants, "machinery": machinery }))
}
