//! A check's report, for people.

use std::fmt;

use anstyle::{AnsiColor, Style};

use crate::check::Report;
use crate::judge::{Difference, Size, Verdict};

const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const WARNING: Style = AnsiColor::Yellow.on_default();
const QUIET: Style = Style::new().dimmed();

/// A report as lines, styled; whoever prints it strips the styles where there is no terminal.
#[derive(Debug, Clone, Copy)]
pub struct InWords<'a>(pub &'a Report);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        let mut last = None;
        for difference in &report.differences {
            if last != Some(&difference.event_type) {
                writeln!(f, "{}", difference.event_type)?;
                last = Some(&difference.event_type);
            }
            write_difference(f, difference)?;
        }
        for problem in &report.problems {
            writeln!(f, "{BAD}wrong{BAD:#}       {problem}")?;
        }
        for warning in &report.warnings {
            writeln!(f, "{WARNING}deprecated{WARNING:#}  {warning}")?;
        }
        writeln!(f, "{}", summary(report))
    }
}

fn write_difference(f: &mut fmt::Formatter<'_>, difference: &Difference) -> fmt::Result {
    let style = match difference.verdict {
        Verdict::Compatible => GOOD,
        Verdict::Breaking => BAD,
    };
    let verdict = match difference.verdict {
        Verdict::Compatible => "compatible",
        Verdict::Breaking => "breaking",
    };
    let field = if difference.field.is_empty() { "/" } else { &difference.field };
    writeln!(f, "  {style}{verdict:<10}{style:#}  {field}  {}", difference.what)?;
    write!(f, "              {QUIET}why:{QUIET:#} {}", difference.why)?;
    if difference.verdict == Verdict::Breaking {
        write!(f, "\n              {QUIET}hurts:{QUIET:#} {}", hurt(&difference.victims))?;
    }
    writeln!(f)
}

/// The victims, or that there may be some whom nobody here knows.
fn hurt(victims: &[String]) -> String {
    if victims.is_empty() {
        return "nobody here declares that it reads it; partners outside this repository may".to_owned();
    }
    victims.join(", ")
}

fn summary(report: &Report) -> String {
    let compared = match report.compared_with {
        Some(version) => format!("compared with release {version}"),
        None => "nothing was released yet".to_owned(),
    };
    let found = format!(
        "{}, {}, {compared}: {}, {} breaking; {} wrong; {} announced to end",
        counted(report.types, "type"),
        counted(report.services, "service"),
        counted(report.differences.len(), "difference"),
        report.breaking().count(),
        report.problems.len(),
        report.warnings.len()
    );
    if report.passes() { format!("{found}; fine, {}", due(report)) } else { found }
}

fn due(report: &Report) -> &'static str {
    let size = report.differences.iter().map(|difference| difference.release).max();
    match (report.compared_with, size) {
        (None, _) => "the first release is due",
        (Some(_), None) => "no release is due",
        (Some(_), Some(Size::Patch)) => "a patch release is due",
        (Some(_), Some(Size::Minor)) => "a minor release is due",
        (Some(_), Some(Size::Major)) => "a major release is due",
    }
}

/// A number of things, in words.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
