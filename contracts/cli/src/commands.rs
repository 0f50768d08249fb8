//! The commands, from arguments to printed lines and an exit code: 0 all is well, 1 something breaks, 2 the command
//! could not run.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use anstream::{eprintln, println};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use crate::check;
use crate::release::{self, ReleaseError};
use crate::report::{InWords, counted};
use crate::tree::{Repository, Version};
use crate::validate;
use crate::who_breaks::{self, Affected};

/// `contracts check`
#[must_use]
pub fn check(repository: &Repository, today: Date, json: bool) -> ExitCode {
    let report = match check::check(repository, today) {
        Ok(report) => report,
        Err(error) => return could_not_run(&error, &error.next()),
    };
    if json {
        print(&report);
    } else {
        anstream::print!("{}", InWords(&report));
    }
    success_if(report.passes())
}

/// `contracts who-breaks`
#[must_use]
pub fn who_breaks(
    repository: &Repository,
    event_type: Option<&str>,
    field: Option<&str>,
    today: Date,
    json: bool,
) -> ExitCode {
    let answer = match event_type {
        None => who_breaks::by_differences(repository, today),
        Some(event_type) => who_breaks::by_removal(repository, event_type, field),
    };
    let affected = match answer {
        Ok(affected) => affected,
        Err(error) => return could_not_run(&error, &error.next()),
    };
    if json {
        print(&affected);
    } else {
        print_affected(&affected, event_type, field);
    }
    // a question is not a failure; differences that break a service are
    success_if(event_type.is_some() || affected.is_empty())
}

fn print_affected(affected: &[Affected], event_type: Option<&str>, field: Option<&str>) {
    for Affected { service, by } in affected {
        println!("{service}");
        for by in by {
            println!("  {by}");
        }
    }
    let (count, services) = (affected.len(), counted(affected.len(), "service"));
    match (event_type, field) {
        (None, _) if count == 0 => println!("the differences break 0 services"),
        (None, _) => println!("the differences break {services}; for the reasons run `just check-contracts`"),
        (Some(event_type), None) => println!("{services} consuming {event_type}"),
        (Some(event_type), Some(field)) => println!("{services} reading {field} of {event_type}"),
    }
}

/// `contracts release`
#[must_use]
pub fn release(repository: &Repository, version: Version, today: Date) -> ExitCode {
    match release::release(repository, version, today) {
        Ok(written) => {
            for path in &written {
                println!("{}", path.display());
            }
            println!("released {version}: {}", counted(written.len(), "new file"));
            ExitCode::SUCCESS
        }
        Err(ReleaseError::Tree(error)) => could_not_run(&error, &error.next()),
        Err(refused) => {
            if let ReleaseError::CheckFails(report) = &refused {
                anstream::print!("{}", InWords(report));
            }
            eprintln!("contracts: not released: {refused}");
            ExitCode::FAILURE
        }
    }
}

/// `contracts validate`
#[must_use]
pub fn validate(file: &Path, json: bool) -> ExitCode {
    let validated = match validate::file(file) {
        Ok(validated) => validated,
        Err(error) => return could_not_run(&error, "pass a file with JSON events: `just validate FILE`"),
    };
    let invalid = validated.iter().filter(|event| !event.fits).count();
    if json {
        print(&json!({ "events": validated, "unfit": invalid }));
        return success_if(invalid == 0);
    }
    for event in &validated {
        let claimed = event.event_type.as_deref().unwrap_or("no type");
        println!("{}: {}: {claimed}: {}", file.display(), event.event, if event.fits { "valid" } else { "invalid" });
        for violation in &event.violations {
            println!("  {violation}");
        }
    }
    println!("{}, {invalid} invalid", counted(validated.len(), "event"));
    success_if(invalid == 0)
}

fn print(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("contracts: {error}"),
    }
}

/// Says why a command could not run, and what to do next.
#[must_use]
pub fn could_not_run(error: &dyn Display, next: &str) -> ExitCode {
    eprintln!("contracts: {error}\nnext: {next}");
    ExitCode::from(2)
}

fn success_if(condition: bool) -> ExitCode {
    if condition { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
