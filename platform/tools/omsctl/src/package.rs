//! Zips a compiled binary as the `bootstrap.zip` that Lambda runs; the same binary always makes the same zip.

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::repository::Repository;

/// The project that simulates a payment gateway.
pub const SANDBOX: &str = "sandbox-gateway";
/// The project that validates every event on the bus of a stage that is not production.
pub const WATCHER: &str = "watcher";
/// The schema registry: a stack without code.
pub const REGISTRY: &str = "contracts";

/// Projects with a stack that are not services, and their folders.
const PLATFORM_PROJECTS: [(&str, &str); 3] =
    [(SANDBOX, "platform/local/sandbox-gateway"), (WATCHER, "platform/watcher"), (REGISTRY, "contracts")];

/// The folder of a deployable project, relative to the root.
#[must_use]
pub fn folder(project: &str) -> String {
    let platform = PLATFORM_PROJECTS.iter().find(|(name, _)| *name == project);
    platform.map_or_else(|| format!("services/{project}"), |(_, folder)| (*folder).to_owned())
}

/// Every project with a stack of its own: the services, then the platform's projects that exist in this checkout.
///
/// # Errors
/// When `services/` cannot be read.
pub fn deployable(repository: &Repository) -> Result<Vec<String>> {
    let mut all = repository.services()?;
    let platform = PLATFORM_PROJECTS.iter();
    let platform = platform.filter(|(_, folder)| repository.path(folder).join("template.yaml").is_file());
    all.extend(platform.map(|(name, _)| (*name).to_owned()));
    Ok(all)
}

/// Every project that is deployed with code.
///
/// # Errors
/// When `services/` cannot be read.
pub fn projects(repository: &Repository) -> Result<Vec<String>> {
    let mut projects = deployable(repository)?;
    projects.retain(|name| name != REGISTRY);
    Ok(projects)
}

/// A project's zip: its template names it as `build/bootstrap.zip`.
#[must_use]
pub fn zip_path(repository: &Repository, project: &str) -> PathBuf {
    repository.path(&folder(project)).join("build/bootstrap.zip")
}

/// A zipped binary and its sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packaged {
    /// The zip file.
    pub zip: PathBuf,
    /// The size of the binary in bytes.
    pub binary_bytes: u64,
    /// The size of the zip in bytes: AWS stores it, and a cold start loads it.
    pub zip_bytes: u64,
}

/// The named ones of these projects, in the order of `all`; all of them if none is named.
///
/// # Errors
/// When a name is not among them.
pub fn choose(all: &[String], names: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        bail!("there is no project {unknown}; choose from: {}", all.join(", "));
    }
    Ok(all.iter().filter(|name| names.is_empty() || names.contains(name)).cloned().collect())
}

/// Zips the binaries of projects into the folders of their templates.
///
/// # Errors
/// As [`package`].
pub fn package_all(repository: &Repository, binaries: &Path, projects: &[String]) -> Result<Vec<Packaged>> {
    projects.iter().map(|project| package(&binaries.join(project), &zip_path(repository, project))).collect()
}

/// Zips a binary as `bootstrap`.
///
/// # Errors
/// When the binary cannot be read or the zip cannot be written.
pub fn package(binary: &Path, zip: &Path) -> Result<Packaged> {
    let code = fs::read(binary)
        .with_context(|| format!("{} does not exist; to build it, run `just build`", binary.display()))?;
    let packed = bootstrap(&code)?;
    if let Some(folder) = zip.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create(zip)?.write_all(&packed)?;
    Ok(Packaged { zip: zip.to_owned(), binary_bytes: code.len() as u64, zip_bytes: packed.len() as u64 })
}

/// The name under which a zip is uploaded. It follows from the content, so an unchanged zip changes no stack.
#[must_use]
pub fn key(project: &str, zip: &[u8]) -> String {
    format!("{project}/{}.zip", hex(&Sha256::digest(zip)))
}

/// Lower-case hexadecimal, two digits for each byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn bootstrap(code: &[u8]) -> Result<Vec<u8>> {
    let entry = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("bootstrap", entry)?;
    writer.write_all(code)?;
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_binary_makes_the_same_zip() {
        let code = b"not really a program".repeat(100);
        assert_eq!(bootstrap(&code).unwrap(), bootstrap(&code).unwrap());
        assert_ne!(key("orders", &bootstrap(&code).unwrap()), key("orders", &bootstrap(b"other").unwrap()));
    }

    #[test]
    fn the_zip_has_one_executable_named_bootstrap() {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("orders");
        fs::write(&binary, b"code").unwrap();

        let packaged = package(&binary, &folder.path().join("build/bootstrap.zip")).unwrap();

        let mut archive = zip::ZipArchive::new(File::open(packaged.zip).unwrap()).unwrap();
        assert_eq!(archive.len(), 1);
        let file = archive.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().unwrap() & 0o777, 0o755);
        assert_eq!((file.size(), packaged.binary_bytes), (4, 4));
    }

    #[test]
    fn a_missing_binary_is_an_error_that_names_it_and_the_command_that_builds_it() {
        let error = package(Path::new("/nowhere/orders"), Path::new("/nowhere/out.zip")).unwrap_err();
        assert_eq!(error.to_string(), "/nowhere/orders does not exist; to build it, run `just build`");
    }
}
