//! What was measured, as a table for people and as JSON.

use std::fmt;
use std::io::{Cursor, Write};

use anyhow::Result;
use serde::Serialize;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::contender::{BATCH, Contender};
use super::run::{Cost, Length, Life};

/// What the processes of one contender have cost; times in microseconds.
#[derive(Debug, Serialize)]
pub struct Measured {
    contender: &'static str,
    first_poll: Costs,
    first_invocation: Costs,
    message: Costs,
    resident_bytes: Option<u64>,
    zip_bytes: Option<u64>,
    failures: u32,
}

#[derive(Debug, Default, Serialize)]
struct Costs {
    cpu: Spread,
    wall: Spread,
}

/// Values, kept in order.
#[derive(Debug, Default)]
struct Spread(Vec<f64>);

/// Everything that one run has found.
#[derive(Debug, Serialize)]
pub struct Report {
    rounds: u32,
    invocations: u32,
    load_average: String,
    measured: Vec<Measured>,
    goals: Vec<Goal>,
}

#[derive(Debug, Serialize)]
struct Goal {
    id: &'static str,
    what: &'static str,
    limit: f64,
    measured: Option<f64>,
    met: bool,
}

impl Measured {
    /// Nothing yet but the size of what is shipped.
    pub fn new(contender: &Contender) -> Result<Self> {
        let zip_bytes = contender.ships.then(|| zipped(&std::fs::read(&contender.program)?)).transpose()?;
        let (first_poll, first_invocation, message) = Default::default();
        let name = contender.name;
        Ok(Self {
            contender: name,
            first_poll,
            first_invocation,
            message,
            resident_bytes: None,
            zip_bytes,
            failures: 0,
        })
    }

    /// One process more; a failed one is counted, shown, and left out of the medians.
    pub fn add(&mut self, life: Result<Life>, length: Length) {
        let Some(life) = self.succeeded(life) else { return };
        self.first_poll.add(life.start, 1);
        if let Some(first) = life.first {
            self.first_invocation.add(first, 1);
        }
        if let Some(warm) = life.warm {
            self.message.add(warm, length.measured * BATCH);
        }
    }

    /// The one long process: its memory at the end.
    pub fn soak(&mut self, life: Result<Life>) {
        self.resident_bytes = self.succeeded(life).map(|life| life.resident);
    }

    fn succeeded(&mut self, life: Result<Life>) -> Option<Life> {
        life.map_err(|error| {
            self.failures += 1;
            eprintln!("a process failed: {error:#}");
        })
        .ok()
    }
}

impl Costs {
    fn add(&mut self, Cost { cpu, wall }: Cost, parts: u32) {
        self.cpu.add(cpu.as_secs_f64() * 1e6 / f64::from(parts));
        self.wall.add(wall.as_secs_f64() * 1e6 / f64::from(parts));
    }
}

impl Spread {
    fn add(&mut self, value: f64) {
        let place = self.0.partition_point(|known| *known < value);
        self.0.insert(place, value);
    }

    fn median(&self) -> Option<f64> {
        self.at(50)
    }

    /// The value that this many of a hundred do not exceed.
    fn at(&self, percent: usize) -> Option<f64> {
        self.0.get(self.0.len().saturating_sub(1) * percent / 100).copied()
    }
}

impl Serialize for Spread {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::json!({ "p10": self.at(10), "median": self.median(), "p90": self.at(90), "all": self.0 })
            .serialize(serializer)
    }
}

impl Report {
    /// Sets the goals beside what was measured; the first contender is ours, the second the peer.
    pub fn new(measured: Vec<Measured>, rounds: u32, invocations: u32) -> Result<Self> {
        let load_average = std::fs::read_to_string("/proc/loadavg")?.split(' ').take(3).collect::<Vec<_>>().join(" ");
        let goals = if let [ours, peer, ..] = measured.as_slice() { goals(ours, peer, &measured) } else { vec![] };
        Ok(Self { rounds, invocations, load_average, measured, goals })
    }

    /// Whether any process failed.
    pub fn has_failures(&self) -> bool {
        self.measured.iter().any(|measured| measured.failures > 0)
    }
}

fn goals(ours: &Measured, peer: &Measured, all: &[Measured]) -> Vec<Goal> {
    let at_most = |id, what, limit, measured: Option<f64>| Goal {
        id,
        what,
        limit,
        measured,
        met: measured.is_some_and(|measured| measured <= limit),
    };
    let at_least = |id, what, limit, measured: Option<f64>| Goal {
        id,
        what,
        limit,
        measured,
        met: measured.is_some_and(|measured| measured >= limit),
    };
    let milliseconds = |costs: &Costs| costs.cpu.median().map(|cpu| cpu / 1000.0);
    let ratio = |of: fn(&Measured) -> &Costs| Some(of(peer).cpu.median()? / of(ours).cpu.median()?);
    let megabytes = |bytes: u64| Some(f64::from(u32::try_from(bytes / 1000).ok()?) / 1000.0);
    let largest = all.iter().filter_map(|measured| measured.zip_bytes).max();
    vec![
        at_most("P1", "first poll, ms CPU: at most", 3.0, milliseconds(&ours.first_poll)),
        at_least("P1", "first poll, times under boto3: at least", 50.0, ratio(|measured| &measured.first_poll)),
        at_most("P2", "first invocation, ms CPU: at most", 4.5, milliseconds(&ours.first_invocation)),
        at_least(
            "P2",
            "first invocation, times under boto3: at least",
            14.0,
            ratio(|measured| &measured.first_invocation),
        ),
        at_most("P3", "message, µs CPU: at most", 120.0, ours.message.cpu.median()),
        at_least("P3", "message, times under boto3: at least", 10.0, ratio(|measured| &measured.message)),
        at_most("P4", "memory, MB: at most", 10.0, ours.resident_bytes.and_then(megabytes)),
        at_most("P4", "largest zip, MB: at most", 3.5, largest.and_then(megabytes)),
    ]
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, invocations, load_average, .. } = self;
        writeln!(f, "CPU time: median [p10–p90] of {rounds} processes each, shuffled; load average {load_average}")?;
        writeln!(
            f,
            "memory: after {invocations} invocations of {BATCH} messages; a message is one GetItem and one PutItem\n"
        )?;
        row(f, ["", "first poll, ms", "first invocation, ms", "message, µs", "memory, MB", "zip, MB", "failed"])?;
        for measured in &self.measured {
            let millis = |costs: &Costs| cell(&costs.cpu, 1000.0);
            row(
                f,
                [
                    measured.contender,
                    &millis(&measured.first_poll),
                    &millis(&measured.first_invocation),
                    &cell(&measured.message.cpu, 1.0),
                    &bytes(measured.resident_bytes),
                    &bytes(measured.zip_bytes),
                    &measured.failures.to_string(),
                ],
            )?;
        }
        writeln!(f, "\nwall time, with what plays AWS on another core: median\n")?;
        row(f, ["", "first poll, ms", "first invocation, ms", "message, µs", "", "", ""])?;
        for Measured { contender, first_poll, first_invocation, message, .. } in &self.measured {
            let median = |costs: &Costs, unit: f64| {
                costs.wall.median().map_or("–".into(), |wall| format!("{:.1}", wall / unit))
            };
            let cells = [median(first_poll, 1000.0), median(first_invocation, 1000.0), median(message, 1.0)];
            row(f, [contender, &cells[0], &cells[1], &cells[2], "", "", ""])?;
        }
        writeln!(f, "\ngoals, for orders events\n")?;
        for Goal { id, what, limit, measured, met } in &self.goals {
            let measured = measured.map_or("–".into(), |measured| format!("{measured:.2}"));
            let verdict = if *met { "met" } else { "NOT met" };
            writeln!(f, "{id}  {what:<46} {limit:>6}  {measured:>8}  {verdict}")?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, [name, poll, invocation, message, memory, zip, failed]: [&str; 7]) -> fmt::Result {
    let line = format!("{name:<16} {poll:>22} {invocation:>22} {message:>22} {memory:>11} {zip:>8} {failed:>7}");
    writeln!(f, "{}", line.trim_end())
}

fn cell(spread: &Spread, unit: f64) -> String {
    match (spread.median(), spread.at(10), spread.at(90)) {
        (Some(median), Some(low), Some(high)) => {
            let digits = usize::from(unit > 1.0);
            format!("{:.digits$} [{:.digits$}–{:.digits$}]", median / unit, low / unit, high / unit)
        }
        _ => "–".into(),
    }
}

fn bytes(count: Option<u64>) -> String {
    let kilobytes = count.and_then(|count| u32::try_from(count / 1000).ok());
    kilobytes.map_or("–".into(), |kilobytes| format!("{:.2}", f64::from(kilobytes) / 1000.0))
}

/// The size of the zip that `omsctl` makes of a binary.
fn zipped(code: &[u8]) -> Result<u64> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file("bootstrap", options)?;
    zip.write_all(code)?;
    Ok(zip.finish()?.into_inner().len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_whatever_came_first() {
        let mut spread = Spread::default();
        assert_eq!(spread.median(), None);
        for value in [9.0, 1.0, 5.0, 100.0, 4.0] {
            spread.add(value);
        }
        assert_eq!((spread.median(), spread.at(10), spread.at(90)), (Some(5.0), Some(1.0), Some(9.0)));
    }

    fn measured(contender: &'static str, message: f64) -> Measured {
        let costs = |value| Costs { cpu: Spread(vec![value]), wall: Spread(vec![value]) };
        let (first_poll, first_invocation, message) = (costs(2_000.0), costs(5_000.0), costs(message));
        let (resident_bytes, zip_bytes) = (Some(9_999_999), Some(3_600_000));
        Measured { contender, first_poll, first_invocation, message, resident_bytes, zip_bytes, failures: 0 }
    }

    #[test]
    fn each_goal_says_whether_it_is_met() {
        let report = Report::new(vec![measured("orders events", 100.0), measured("boto3", 1_500.0)], 1, 1).unwrap();
        let met: Vec<_> = report.goals.iter().map(|goal| goal.met).collect();
        assert_eq!(met, [true, false, false, false, true, true, true, false]);
        assert!(report.to_string().contains("message, times under boto3: at least"));
    }

    #[test]
    fn a_failure_is_counted_and_not_measured() {
        let mut ours = measured("orders events", 100.0);
        ours.soak(Err(anyhow::anyhow!("it died")));
        assert_eq!((ours.failures, ours.resident_bytes), (1, None));
        assert!(Report::new(vec![ours], 1, 1).unwrap().has_failures());
    }
}
