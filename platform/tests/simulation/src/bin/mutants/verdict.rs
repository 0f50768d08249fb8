//! What became of a mutant in the simulation.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::list::Mutant;

/// The simulation of the copy that has the mutants.
#[derive(Debug)]
pub struct Simulation {
    /// Its binary.
    pub binary: PathBuf,
    /// How many orders a mutant may survive.
    pub orders: u64,
    /// All chance follows from it.
    pub seed: u64,
}

/// What caught a mutant, if anything did.
#[derive(Debug, Clone)]
pub struct Verdict {
    caught: Option<Caught>,
    /// How many orders were simulated.
    orders: u64,
}

#[derive(Debug, Clone)]
struct Caught {
    rule: String,
    what: String,
    orders: u64,
}

/// What the simulation says of faults in its own machinery, and of known-bad designs.
#[derive(Debug, Clone)]
pub struct Flaws {
    /// As the simulation prints it.
    pub said: String,
    /// Whether it has caught all of them.
    pub all_caught: bool,
}

impl Verdict {
    /// Whether anything caught it.
    pub fn is_caught(&self) -> bool {
        self.caught.is_some()
    }

    /// In a few words.
    pub fn short(&self) -> String {
        let caught = |it: &Caught| format!("caught by {} after {} orders", it.rule, it.orders);
        self.caught.as_ref().map_or_else(|| "nothing caught it".to_owned(), caught)
    }
}

impl Simulation {
    /// Simulates with a mutant, or without any, until something is violated or all orders have passed.
    ///
    /// # Errors
    /// A simulation that does not run, or does not say what it has seen.
    pub fn run(&self, mutant: Option<&Mutant>) -> Result<Verdict> {
        let mut command = self.command("run");
        command.args(["--threads", "1", "--stop-at-first", "--json"]);
        if let Some(mutant) = mutant {
            command.env("OMS_MUTANT", &mutant.name);
        }
        let ran = command.output()?;
        let Ok(report) = serde_json::from_slice::<Value>(&ran.stdout) else {
            bail!("the simulation says: {}", String::from_utf8_lossy(&ran.stderr));
        };
        let count = |value: &Value, key: &str| value[key].as_u64().with_context(|| format!("no {key}: {value}"));
        let first = Some(&report["first"]).filter(|first| !first.is_null());
        let caught = first.map(|first| {
            let text = |key: &str| first[key].as_str().map(ToOwned::to_owned).with_context(|| format!("no {key}"));
            anyhow::Ok(Caught { rule: text("rule")?, what: text("what")?, orders: count(first, "ordersUntilThen")? })
        });
        Ok(Verdict { caught: caught.transpose()?, orders: count(&report, "orders")? })
    }

    /// Simulates the faults of the machinery and the known-bad designs.
    ///
    /// # Errors
    /// A simulation that does not run.
    pub fn flaws(&self, json: bool) -> Result<Flaws> {
        let mut command = self.command("flaws");
        if json {
            command.arg("--json");
        }
        let ran = command.output()?;
        Ok(Flaws { said: String::from_utf8(ran.stdout)?, all_caught: ran.status.success() })
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.args([name, "--orders", &self.orders.to_string(), "--seed", &self.seed.to_string()]);
        command.env_remove("OMS_MUTANT");
        command
    }
}

/// For people.
pub fn table(intact: &Verdict, told: &[(&Mutant, &Verdict)], flaws: Option<&Flaws>) -> String {
    let mut out = String::new();
    let name = told.iter().map(|(mutant, _)| mutant.name.len()).max().unwrap_or_default();
    let breaks = told.iter().map(|(mutant, _)| mutant.breaks.chars().count()).max().unwrap_or_default();
    let mut line = |cells: [&str; 4]| {
        let [first, second, third, fourth] = cells;
        writeln!(out, "{first:name$}  {second:breaks$}  {third:<13}{fourth:>8}").unwrap_or_default();
    };
    line(["mutant", "what is broken", "caught by", "orders"]);
    for (mutant, verdict) in told {
        let caught = verdict.caught.as_ref();
        let orders = caught.map_or(verdict.orders, |it| it.orders).to_string();
        line([&mutant.name, &mutant.breaks, caught.map_or("NOTHING", |it| it.rule.as_str()), &orders]);
    }
    let caught = told.iter().filter(|(_, verdict)| verdict.is_caught()).count();
    let intact = if intact.is_caught() { intact.short() } else { format!("nothing in {} orders", intact.orders) };
    writeln!(out, "{caught} of {} mutants caught; without a mutant: {intact}", told.len()).unwrap_or_default();
    if let Some(flaws) = flaws {
        writeln!(out, "\n{}", flaws.said.trim_end()).unwrap_or_default();
    }
    out
}

/// For programs.
pub fn json(told: &[(&Mutant, &Verdict)], flaws: Option<&Flaws>) -> String {
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
    let mutants: Vec<Value> = told.iter().map(one).collect();
    let machinery = flaws.and_then(|flaws| serde_json::from_str::<Value>(&flaws.said).ok());
    format!("{}\n", json!({ "mutants": mutants, "machinery": machinery }))
}
