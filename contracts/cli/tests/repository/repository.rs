//! A small repository: two types of one producer, and two consumers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use contracts::catalogue::{Entry, entry};
use contracts::orders::{OrderCompleted, OrderCreated};
use contracts_cli::check::{self, CheckError, Report};
use contracts_cli::release::{self, ReleaseError};
use contracts_cli::tree::{self, Origin};
use serde_json::Value;
use tempfile::TempDir;

/// The day of the first release.
pub const FIRST_DAY: &str = "2026-11-23";

const ORDERS: &str = r#"
service = "orders"
source = "oms.orders"
produces = ["OrderCreated.v1", "OrderCompleted.v1"]
"#;

const MAILING: &str = r#"
service = "mailing"
source = "oms.mailing"
envelope = ["/id", "/source", "/type"]
[consumes."OrderCreated.v1"]
reads = ["/data/orderId", "/data/total", "/data/currency"]
[consumes."OrderCompleted.v1"]
reads = ["/data/orderId"]
"#;

const SHIPPING: &str = r#"
service = "shipping"
source = "oms.shipping"
envelope = ["/id", "/source", "/type"]
[consumes."OrderCreated.v1"]
reads = ["/data/orderId", "/data/lines/*/sku"]
"#;

/// A repository in a temporary folder.
pub struct Repository(TempDir);

impl Repository {
    /// Without a file.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Not yet released.
    pub fn new() -> Self {
        let repository = Self::empty();
        for folder in ["contracts/schemas", "contracts/samples"] {
            fs::create_dir_all(repository.0.path().join(folder)).unwrap();
        }
        repository.publish(&entry::<OrderCreated>());
        repository.publish(&entry::<OrderCompleted>());
        repository.declare("orders", ORDERS);
        repository.declare("mailing", MAILING);
        repository.declare("shipping", SHIPPING);
        repository
    }

    /// The declarations and golden events of the real services, and nothing generated.
    pub fn of_services() -> Self {
        let repository = Self::empty();
        fs::create_dir_all(repository.0.path().join("docs")).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for golden in fs::read_dir(root.join("contracts/golden")).unwrap().map(|entry| entry.unwrap()) {
            let name = golden.file_name().to_str().unwrap().to_owned();
            repository.write(&format!("contracts/golden/{name}"), &fs::read_to_string(golden.path()).unwrap());
        }
        let services = root.join("services");
        for service in fs::read_dir(services).unwrap().map(|entry| entry.unwrap()) {
            if let Ok(text) = fs::read_to_string(service.path().join("events.toml")) {
                repository.declare(service.file_name().to_str().unwrap(), &text);
            }
        }
        repository
    }

    /// Released once, as 1.0.0.
    pub fn released() -> Self {
        let repository = Self::new();
        repository.release("1.0.0", FIRST_DAY).unwrap();
        repository
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path().join(path)).unwrap();
    }

    /// Puts a type's schema and samples, and the first of them as its golden event, into the working tree.
    pub fn publish(&self, entry: &Entry) {
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap() + "\n";
        self.write(&format!("contracts/schemas/{}.json", entry.event_type), &pretty(&entry.schema));
        for (index, sample) in entry.samples.iter().enumerate() {
            self.write(&format!("contracts/samples/{}.{}.json", entry.event_type, index + 1), &pretty(sample));
        }
        self.write(&format!("contracts/golden/{}.1.json", entry.event_type), &format!("{}\n", entry.samples[0]));
    }

    pub fn declare(&self, service: &str, text: &str) {
        self.write(&format!("services/{service}/events.toml"), text);
    }

    /// Changes a JSON file.
    pub fn edit(&self, path: &str, change: impl FnOnce(&mut Value)) {
        let mut value = serde_json::from_str(&self.read(path)).unwrap();
        change(&mut value);
        self.write(path, &(serde_json::to_string_pretty(&value).unwrap() + "\n"));
    }

    /// Writes the version into the package and its changelog.
    pub fn announce(&self, version: &str, today: &str) {
        self.write("contracts/Cargo.toml", &format!("[package]\nname = \"contracts\"\nversion = \"{version}\"\n"));
        self.write("contracts/CHANGELOG.md", &format!("# Changes\n\n## [{version}] - {today}\n- What changed.\n"));
    }

    pub fn check(&self, today: &str) -> Result<Report, CheckError> {
        check::check(&self.of_files(), today.parse().unwrap())
    }

    pub fn release(&self, version: &str, today: &str) -> Result<Vec<PathBuf>, ReleaseError> {
        self.announce(version, today);
        release::release(&self.of_files(), version.to_owned().try_into().unwrap(), today.parse().unwrap())
    }

    /// Its types are its files, so that a test can change them.
    fn of_files(&self) -> tree::Repository {
        tree::Repository { root: self.path().to_owned(), origin: Origin::Folder("contracts".into()) }
    }

    /// Runs the real command line on the types that are its files.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_on_rust_types(&[args, &["--schemas", "contracts"]].concat())
    }

    /// Runs the real command line on the Rust types.
    pub fn run_on_rust_types(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contracts"));
        Ran::of(command.arg("--root").arg(self.path()).args(args).stdin(Stdio::null()).output().unwrap())
    }
}

/// The output and exit code of the command line.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Asserts the exit code, and that the output contains every text.
    #[track_caller]
    pub fn prints(&self, code: i32, texts: &[&str]) {
        assert_eq!(self.code, code, "{self:#?}");
        for text in texts {
            assert!(self.out.contains(text) || self.err.contains(text), "no {text:?} in {self:#?}");
        }
    }
}
