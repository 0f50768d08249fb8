//! The document that shows the bills: written from them, so that it never shows yesterday's.

use std::fs;

use anyhow::{Context, Result};

use super::report::{Selection, overview, report};
use crate::repository::Repository;

/// The document.
const FILE: &str = "docs/performance.md";

/// The design that ours is compared with.
const PEER: &str = "textbook";

/// Writes the bills into the document.
///
/// # Errors
/// When the document lacks a place for one, or a file cannot be read or written.
pub fn write(repository: &Repository) -> Result<()> {
    let file = repository.path(FILE);
    fs::write(&file, current(repository)?).with_context(|| format!("cannot write {}", file.display()))
}

/// The document with the bills of today.
fn current(repository: &Repository) -> Result<String> {
    let file = repository.path(FILE);
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = replace(&text, "`just cost` prints:", &report(repository, &Selection::default())?.tables())?;
    let beside = Selection { compare: Some(PEER.to_owned()), ..Selection::default() };
    let beside = report(repository, &beside)?.tables();
    // the peer is in the first table alone
    let first = beside.split_once("\n\nSERVICE").map_or(beside.as_str(), |(first, _)| first);
    let text = replace(&text, "`just cost --compare textbook` prints:", &format!("{first}\n"))?;
    replace(&text, "`just cost --all` prints:", &overview(repository)?)
}

/// Writes other lines into the first code block after `heading`.
///
/// # Errors
/// When the document has no such block, or cannot be read or written.
pub fn replace_block(repository: &Repository, heading: &str, block: &str) -> Result<()> {
    let file = repository.path(FILE);
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    fs::write(&file, replace(&text, heading, block)?).with_context(|| format!("cannot write {}", file.display()))
}

/// The text with other lines in the first code block after `heading`.
fn replace(text: &str, heading: &str, block: &str) -> Result<String> {
    let find = || {
        let (before, after) = text.split_once(heading)?;
        let (between, code) = after.split_once("```\n")?;
        let (_, rest) = code.split_once("```\n")?;
        Some(format!("{before}{heading}{between}```\n{block}```\n{rest}"))
    };
    find().with_context(|| format!("{FILE} has no code block after \"{heading}\""))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_document_shows_the_bills_of_today() {
        let repository = Repository::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.."));
        let written = fs::read_to_string(repository.path(FILE)).unwrap();
        assert!(written == current(&repository).unwrap(), "{FILE} is out of date; run `omsctl cost --document`");
    }

    #[test]
    fn only_the_block_after_its_heading_is_replaced() {
        let text = "A:\n\n```\nold\n```\n\nB:\n\n```\nkept\n```\n";
        assert_eq!(replace(text, "A:", "new\n").unwrap(), "A:\n\n```\nnew\n```\n\nB:\n\n```\nkept\n```\n");
        assert!(replace(text, "C:", "new\n").unwrap_err().to_string().contains("\"C:\""));
    }
}
