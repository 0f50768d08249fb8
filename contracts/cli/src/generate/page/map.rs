//! The producers and consumers of each event, drawn: one diagram for each source.

use std::fmt::Write as _;

use crate::generate::language::{Language, announced_end};

/// The diagrams, each with its source's name.
pub fn map(language: &Language) -> String {
    let mut text = "\n## Who publishes and consumes what\n".to_owned();
    for source in language.sources() {
        let _infallible = write!(text, "\n**{source}**\n\n{}", picture(language, source));
    }
    text
}

fn picture(language: &Language, source: &str) -> String {
    let mut text = "```mermaid\nflowchart LR\n".to_owned();
    for entry in language.entries.iter().filter(|entry| entry.source == source) {
        let event = entry.event_type.replace('.', "_");
        let ends = if announced_end(&entry.schema).is_some() { ", deprecated" } else { "" };
        let _infallible = writeln!(text, "    {event}[\"{}{ends}\"]", entry.event_type);
        for producer in language.producers(entry.event_type) {
            let _infallible = writeln!(text, "    publishes_{producer}([{producer}]) --> {event}");
        }
        for (consumer, _) in language.consumers(entry.event_type) {
            let _infallible = writeln!(text, "    {event} --> consumes_{consumer}([{consumer}])");
        }
    }
    text + "```\n"
}
