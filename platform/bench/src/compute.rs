//! To be measured.

/// What to measure.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Measures.
///
/// # Errors
/// What could not be measured.
pub fn run(Arguments {}: Arguments) -> anyhow::Result<()> {
    Ok(())
}
