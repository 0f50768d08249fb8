//! A check's report as lines for people.

use std::collections::BTreeMap;
use std::fmt;

use anstyle::{AnsiColor, Style};

use crate::check::{Report, Rule};
use crate::judge::{Bump, Difference, Verdict};

mod shared;

const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const WARNING: Style = AnsiColor::Yellow.on_default();
const QUIET: Style = Style::new().dimmed();

/// A report as styled lines. `anstream` removes the styles where the output is not a terminal.
#[derive(Debug, Clone, Copy)]
pub struct InWords<'a>(pub &'a Report);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        let (shared, own) = shared::entries(&report.differences);
        for entry in &shared {
            writeln!(f, "{}, in {}", entry.name(), counted(entry.types().len(), "type"))?;
            let fields = Some(entry.fields());
            let (victims, readers) = (entry.victims(), entry.readers());
            Row { field: entry.field(), fields, victims, readers, of: entry.any(), contacts: &report.contacts }
                .write(f)?;
        }
        let mut last = None;
        for difference in own {
            if last != Some(&difference.event_type) {
                writeln!(f, "{}", difference.event_type)?;
                last = Some(&difference.event_type);
            }
            let (victims, readers) = (difference.victims.clone(), difference.readers.clone());
            let field = difference.field.as_str();
            Row { field, fields: None, victims, readers, of: difference, contacts: &report.contacts }.write(f)?;
        }
        for line in errors(report) {
            writeln!(f, "{BAD}error{BAD:#}       {line}")?;
        }
        for warning in &report.warnings {
            writeln!(f, "{WARNING}deprecated{WARNING:#}  {warning}")?;
        }
        for note in &report.notes {
            writeln!(f, "{QUIET}note{QUIET:#}        {note}")?;
        }
        writeln!(f, "{}", summary(report))
    }
}

/// A difference of one field, or of what several types share.
struct Row<'a> {
    field: &'a str,
    fields: Option<String>,
    victims: Vec<String>,
    readers: Vec<String>,
    of: &'a Difference,
    contacts: &'a BTreeMap<String, String>,
}

impl Row<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (style, verdict) = match self.of.verdict {
            Verdict::Compatible => (GOOD, "compatible"),
            Verdict::Breaking => (BAD, "breaking"),
        };
        let field = if self.field.is_empty() { "/" } else { self.field };
        writeln!(f, "  {style}{verdict:<10}{style:#}  {field}  {}", self.of.what)?;
        if let Some(fields) = &self.fields {
            writeln!(f, "              {QUIET}in:{QUIET:#} {fields}")?;
        }
        if let Some(example) = &self.of.example {
            writeln!(f, "              {QUIET}example:{QUIET:#} {example}")?;
        }
        writeln!(f, "              {QUIET}why:{QUIET:#} {}", self.of.why)?;
        if self.of.verdict == Verdict::Breaking {
            writeln!(f, "              {QUIET}affects:{QUIET:#} {}", affected(&self.victims, self.contacts))?;
        }
        if !self.readers.is_empty() {
            writeln!(f, "              {QUIET}readers to ask:{QUIET:#} {}", affected(&self.readers, self.contacts))?;
        }
        Ok(())
    }
}

fn affected(services: &[String], contacts: &BTreeMap<String, String>) -> String {
    if services.is_empty() {
        return "no declaration says that it reads this; undeclared consumers outside this repository may".to_owned();
    }
    services.iter().map(|service| with_contact(service, contacts.get(service))).collect::<Vec<_>>().join(", ")
}

/// A service's name; whom to talk to is added for a consumer outside this repository.
pub(crate) fn with_contact(service: &str, contact: Option<&String>) -> String {
    contact.map_or_else(|| service.to_owned(), |contact| format!("{service} (outside, {contact})"))
}

/// The problems as lines; stale files are one line.
pub(crate) fn errors(report: &Report) -> Vec<String> {
    let (stale, others): (Vec<_>, Vec<_>) = report.problems.iter().partition(|problem| problem.rule == Rule::Stale);
    let mut lines: Vec<String> = others.iter().map(ToString::to_string).collect();
    if let Some(first) = stale.first() {
        let more = if stale.len() > 1 { format!(" (and {} more)", stale.len() - 1) } else { String::new() };
        lines.push(format!("{}{more}: {}", first.file.display(), first.rule));
    }
    lines
}

fn summary(report: &Report) -> String {
    let compared = match report.compared_with {
        Some(version) => format!("compared with release {version}"),
        None => "not yet released".to_owned(),
    };
    let outside = match report.contacts.len() {
        0 => String::new(),
        count => format!(", {} outside", counted(count, "consumer")),
    };
    let (shared, own) = shared::entries(&report.differences);
    let said = shared.len() + own.len();
    let all = shared.iter().map(shared::Entry::any).chain(own);
    let breaking = all.filter(|difference| difference.verdict == Verdict::Breaking).count();
    let found = format!(
        "{}, {}{outside}, {compared}: {} ({} breaking), {}, {}",
        counted(report.types, "type"),
        counted(report.services, "service"),
        counted(said, "difference"),
        breaking,
        counted(errors(report).len(), "error"),
        counted(report.warnings.len(), "deprecated type"),
    );
    if report.passes() {
        format!("{found}. {}", next_release(report))
    } else {
        format!("{found}.\n{}", next_step(report))
    }
}

fn next_step(report: &Report) -> &'static str {
    if report.breaking().next().is_some() {
        "next: give each breaking change a new major (docs/events.md#change-an-event), then run `just check-contracts`"
    } else if report.problems.iter().all(|problem| problem.rule == Rule::Stale) {
        "next: run `just contracts`, then `just check-contracts`"
    } else {
        "next: correct each error, then run `just check-contracts`"
    }
}

fn next_release(report: &Report) -> &'static str {
    let bump = report.differences.iter().map(|difference| difference.release).max();
    match (report.compared_with, bump) {
        (None, _) => "The first release is due.",
        (Some(_), None) => "No release is due.",
        (Some(_), Some(Bump::Patch)) => "A patch release is due.",
        (Some(_), Some(Bump::Minor)) => "A minor release is due.",
        (Some(_), Some(Bump::Major)) => "A major release is due.",
    }
}

/// A count with its noun: `1 type`, `2 types`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
