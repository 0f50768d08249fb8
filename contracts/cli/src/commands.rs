//! The commands, from arguments to printed lines and an exit code: 0 all is well, 1 something breaks, 2 the command
//! could not run.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use anstream::{eprintln, println};
use contracts::catalogue;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use crate::check;
use crate::generate;
use crate::release::{self, ReleaseError};
use crate::report::{InWords, counted, with_contact};
use crate::tree::{Repository, Version};
use crate::validate;
use crate::who_breaks::{self, Affected};

/// `contracts generate`
#[must_use]
pub fn generate(root: &Path) -> ExitCode {
    match generate::write(root, catalogue::all()) {
        Ok(count) => {
            println!("generated {count} files in contracts and docs");
            ExitCode::SUCCESS
        }
        Err(error) => could_not_run(&error, &error.next()),
    }
}

/// `contracts check`
#[must_use]
pub fn check(repository: &Repository, today: Date, json: bool) -> ExitCode {
    let report = match check::check(repository, today) {
        Ok(report) => report,
        Err(error) => return unanswered(json, &error, &error.next()),
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
    let Some(event_type) = event_type else { return broken_by_differences(repository, today, json) };
    let affected = match who_breaks::by_removal(repository, event_type, field) {
        Ok(affected) => affected,
        Err(error) => return unanswered(json, &error, &error.next()),
    };
    if json {
        print(&affected);
    } else {
        print_affected(&affected);
        let services = counted(affected.len(), "service");
        match field {
            None => println!("{services} consuming {event_type}"),
            Some(field) => println!("{services} reading {field} of {event_type}"),
        }
    }
    // a question is not a failure
    ExitCode::SUCCESS
}

/// Fails exactly where the check fails, also where a difference breaks only readers outside this repository.
fn broken_by_differences(repository: &Repository, today: Date, json: bool) -> ExitCode {
    let broken = match who_breaks::by_differences(repository, today) {
        Ok(broken) => broken,
        Err(error) => return unanswered(json, &error, &error.next()),
    };
    if json {
        print(&broken);
        return success_if(broken.passes);
    }
    print_affected(&broken.services);
    if !broken.undeclared.is_empty() {
        println!("read by no declaration; consumers outside this repository may break");
        print_indented(&broken.undeclared);
    }
    for error in &broken.errors {
        println!("error: {error}");
    }
    let found = format!("the differences break {}", counted(broken.services.len(), "service"));
    if broken.passes {
        println!("{found}");
    } else {
        println!("{found}; for the reasons run `just check-contracts`");
    }
    success_if(broken.passes)
}

fn print_affected(affected: &[Affected]) {
    for Affected { service, contact, by } in affected {
        println!("{}", with_contact(service, contact.as_ref()));
        print_indented(by);
    }
}

fn print_indented(lines: &[String]) {
    for line in lines {
        println!("  {line}");
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
        Err(ReleaseError::Unchecked(error)) => could_not_run(&error, &error.next()),
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
        Err(error) => return unanswered(json, &error, "pass a file with JSON events: `just validate FILE`"),
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
        for unknown in &event.unknown_values {
            println!(
                "  note: an unknown value of an open enumeration, which a later release may have added: {unknown}"
            );
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

/// The same, and as JSON where JSON was asked for.
fn unanswered(json: bool, error: &dyn Display, next: &str) -> ExitCode {
    if json {
        print(&json!({ "error": error.to_string(), "next": next }));
    }
    could_not_run(error, next)
}

fn success_if(condition: bool) -> ExitCode {
    if condition { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
