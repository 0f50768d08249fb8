//! The commands, from arguments to printed lines and an exit code: 0 fine, 1 something breaks, 2 cannot tell.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use anstream::{eprintln, println};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use crate::check;
use crate::release::{self, Refused};
use crate::report::{InWords, counted};
use crate::tree::Version;
use crate::validate;
use crate::who_breaks::{self, Hurt};

/// `contracts check`
#[must_use]
pub fn check(root: &Path, today: Date, json: bool) -> ExitCode {
    let report = match check::check(root, today) {
        Ok(report) => report,
        Err(error) => return cannot_tell(&error),
    };
    if json {
        print(&report);
    } else {
        anstream::print!("{}", InWords(&report));
    }
    fine_if(report.passes())
}

/// `contracts who-breaks`
#[must_use]
pub fn who_breaks(root: &Path, event_type: Option<&str>, field: Option<&str>, today: Date, json: bool) -> ExitCode {
    let answer = match event_type {
        None => who_breaks::by_differences(root, today),
        Some(event_type) => who_breaks::by_removal(root, event_type, field),
    };
    let hurt = match answer {
        Ok(hurt) => hurt,
        Err(error) => return cannot_tell(&error),
    };
    if json {
        print(&hurt);
    } else {
        say(&hurt, event_type, field);
    }
    // a question is no failure, differences that hurt somebody are
    fine_if(event_type.is_some() || hurt.is_empty())
}

fn say(hurt: &[Hurt], event_type: Option<&str>, field: Option<&str>) {
    for Hurt { service, by } in hurt {
        println!("{service}");
        for by in by {
            println!("  {by}");
        }
    }
    let services = counted(hurt.len(), "service");
    match (event_type, field) {
        (None, _) => println!("{services} hurt by the differences"),
        (Some(event_type), None) => println!("{services} consuming {event_type}"),
        (Some(event_type), Some(field)) => println!("{services} reading {field} of {event_type}"),
    }
}

/// `contracts release`
#[must_use]
pub fn release(root: &Path, version: Version, today: Date) -> ExitCode {
    match release::release(root, version, today) {
        Ok(written) => {
            for path in &written {
                println!("{}", path.display());
            }
            println!("released {version}: {}", counted(written.len(), "new file"));
            ExitCode::SUCCESS
        }
        Err(Refused::Tree(error)) => cannot_tell(&error),
        Err(refused) => {
            if let Refused::CheckFails(report) = &refused {
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
    let judged = match validate::file(file) {
        Ok(judged) => judged,
        Err(error) => return cannot_tell(&error),
    };
    let unfit = judged.iter().filter(|event| !event.fits).count();
    if json {
        print(&json!({ "events": judged, "unfit": unfit }));
        return fine_if(unfit == 0);
    }
    for event in &judged {
        let claimed = event.event_type.as_deref().unwrap_or("no type");
        println!(
            "{}: {}: {claimed}: {}",
            file.display(),
            event.event,
            if event.fits { "fits" } else { "does not fit" }
        );
        for at in &event.violations {
            let pointer = if at.pointer.is_empty() { "/" } else { &at.pointer };
            println!("  at {pointer}: {} ({})", at.rule, at.keyword);
        }
    }
    println!("{}, {unfit} not fitting", counted(judged.len(), "event"));
    fine_if(unfit == 0)
}

fn print(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("contracts: {error}"),
    }
}

fn cannot_tell(error: &dyn Display) -> ExitCode {
    eprintln!("contracts: {error}");
    ExitCode::from(2)
}

fn fine_if(fine: bool) -> ExitCode {
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
