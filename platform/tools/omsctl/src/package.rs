//! Zips a compiled binary as the `bootstrap.zip` that Lambda runs; the same binary always makes the same zip, so what was
//! zipped before is not zipped again.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::hash::sha256;
use crate::repository::{Repository, read_json};
use crate::wrong::WrongArgument;

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

/// The template of a deployable project, relative to the root.
pub fn template(project: impl AsRef<str>) -> String {
    format!("{}/template.yaml", folder(project.as_ref()))
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
    /// What it took.
    pub work: Work,
}

/// What was done to have the zip of a binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// The binary was zipped.
    Zipped,
    /// The zip of this very binary was there.
    Unchanged,
}

/// Stored beside a zip: from which binary it was made, and what it was then. Content decides, not times: a binary with a
/// newer time may be the same, and one with an older time another.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    format: u32,
    binary_sha256: String,
    zip_sha256: String,
}

/// To be counted up when [`bootstrap`] makes another zip of the same binary.
const FORMAT: u32 = 1;

impl Record {
    fn of(code: &[u8], zip: &[u8]) -> Self {
        Self { format: FORMAT, binary_sha256: sha256(code), zip_sha256: sha256(zip) }
    }
}

/// The named ones of these projects, in the order of `all`; all of them if none is named.
///
/// # Errors
/// When a name is not among them.
pub fn choose(all: &[String], names: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        bail!(WrongArgument(format!("there is no project {unknown}; choose from: {}", all.join(", "))));
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

/// Zips a binary as `bootstrap`, unless the zip is already there.
///
/// # Errors
/// When the binary cannot be read or the zip cannot be written.
pub fn package(binary: &Path, zip: &Path) -> Result<Packaged> {
    let code = fs::read(binary)
        .with_context(|| format!("{} does not exist; to build it, run `just build`", binary.display()))?;
    let packaged = |packed: &[u8], work| Packaged {
        zip: zip.to_owned(),
        binary_bytes: code.len() as u64,
        zip_bytes: packed.len() as u64,
        work,
    };
    let record = zip.with_extension("json");
    // A record that cannot be read is no reason to fail: the zip is made again.
    if let (Ok(packed), Ok(Some(known))) = (fs::read(zip), read_json::<Record>(&record))
        && known == Record::of(&code, &packed)
    {
        return Ok(packaged(&packed, Work::Unchanged));
    }
    let packed = bootstrap(&code)?;
    if let Some(folder) = zip.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(zip, &packed)?;
    fs::write(record, serde_json::to_vec_pretty(&Record::of(&code, &packed))?)?;
    Ok(packaged(&packed, Work::Zipped))
}

/// The name under which a zip is uploaded. It follows from the content, so an unchanged zip changes no stack.
#[must_use]
pub fn key(project: &str, zip: &[u8]) -> String {
    format!("{project}/{}.zip", sha256(zip))
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
    use std::fs::File;

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

    /// Two compiled projects, and how often packaging them zips.
    struct Checkout(tempfile::TempDir);

    impl Checkout {
        fn new() -> Self {
            let checkout = Self(tempfile::tempdir().unwrap());
            for (project, code) in [("orders", "orders 1"), ("payments", "payments 1")] {
                checkout.compile(project, code);
            }
            checkout
        }

        fn path(&self, project: &str, file: &str) -> PathBuf {
            self.0.path().join(format!("services/{project}/build")).join(file)
        }

        fn compile(&self, project: &str, code: &str) {
            fs::write(self.0.path().join(project), code).unwrap();
        }

        fn zipped(&self) -> Vec<&'static str> {
            let projects = ["orders", "payments"];
            let names = projects.map(str::to_owned);
            let packaged = package_all(&Repository::at(self.0.path()), self.0.path(), &names).unwrap();
            for (project, packaged) in projects.iter().zip(&packaged) {
                let code = fs::read(self.0.path().join(project)).unwrap();
                assert_eq!(
                    fs::read(&packaged.zip).unwrap(),
                    bootstrap(&code).unwrap(),
                    "the zip of {project} is stale"
                );
                assert_eq!(fs::metadata(&packaged.zip).unwrap().len(), packaged.zip_bytes);
                assert_eq!(code.len() as u64, packaged.binary_bytes);
            }
            let work = projects.into_iter().zip(packaged);
            work.filter(|(_, packaged)| packaged.work == Work::Zipped).map(|(project, _)| project).collect()
        }
    }

    #[test]
    fn what_did_not_change_is_not_zipped_again() {
        let checkout = Checkout::new();
        assert_eq!(checkout.zipped(), ["orders", "payments"], "nothing is there yet");
        assert_eq!(checkout.zipped(), [""; 0], "nothing changed");
        checkout.compile("orders", "orders 1");
        assert_eq!(checkout.zipped(), [""; 0], "compiled again, to the same binary");
    }

    #[test]
    fn a_changed_binary_is_zipped_again_and_no_other() {
        let checkout = Checkout::new();
        checkout.zipped();
        let before = fs::metadata(checkout.0.path().join("orders")).unwrap().modified().unwrap();
        checkout.compile("orders", "orders 2");
        File::options().write(true).open(checkout.0.path().join("orders")).unwrap().set_modified(before).unwrap();
        assert_eq!(checkout.zipped(), ["orders"], "neither its size nor its time differs");
    }

    #[test]
    fn a_zip_that_is_missing_or_not_the_one_that_was_made_is_made_again() {
        let checkout = Checkout::new();
        let stranger = bootstrap(b"another program").unwrap();
        for spoil in
            [&|zip: &Path| fs::remove_file(zip).unwrap(), &|zip: &Path| fs::write(zip, b"").unwrap(), &|zip: &Path| {
                fs::write(zip, &stranger).unwrap();
            }] as [&dyn Fn(&Path); 3]
        {
            checkout.zipped();
            spoil(&checkout.path("orders", "bootstrap.zip"));
            assert_eq!(checkout.zipped(), ["orders"]);
        }
    }

    #[test]
    fn a_record_that_is_missing_unreadable_or_of_another_format_is_not_believed() {
        let checkout = Checkout::new();
        checkout.zipped();
        let record = checkout.path("payments", "bootstrap.json");
        let old = fs::read_to_string(&record).unwrap().replace("\"format\": 1", "\"format\": 0");
        for spoiled in ["", "{", "[]", "{\"format\": 1}", &old] {
            fs::write(&record, spoiled).unwrap();
            assert_eq!(checkout.zipped(), ["payments"], "the record is {spoiled:?}");
        }
        fs::remove_file(record).unwrap();
        assert_eq!(checkout.zipped(), ["payments"]);
        assert_eq!(checkout.zipped(), [""; 0]);
    }

    #[test]
    fn a_missing_binary_is_an_error_that_names_it_and_the_command_that_builds_it() {
        let error = package(Path::new("/nowhere/orders"), Path::new("/nowhere/out.zip")).unwrap_err();
        assert_eq!(error.to_string(), "/nowhere/orders does not exist; to build it, run `just build`");
    }
}
