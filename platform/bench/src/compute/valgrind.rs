//! Where valgrind is. If it is not installed, the distribution's package is unpacked below `.oms`, for which no root is
//! needed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// What counts instructions.
pub struct Valgrind {
    /// Where it is unpacked; none if it is installed.
    unpacked: Option<PathBuf>,
}

impl Valgrind {
    /// The installed one, or one below `.oms`.
    ///
    /// # Errors
    /// It is neither installed nor can it be unpacked.
    pub fn find(root: &Path) -> Result<Self> {
        let installed = Self { unpacked: None };
        if installed.answers() {
            return Ok(installed);
        }
        let unpacked = Self { unpacked: Some(root.join(".oms/valgrind")) };
        if !unpacked.answers() {
            unpack(&root.join(".oms/valgrind"))
                .context("valgrind is missing; to install it, run `apt-get install valgrind`")?;
            ensure!(unpacked.answers(), "the unpacked valgrind does not start");
        }
        Ok(unpacked)
    }

    /// The command that runs a program and writes to `out` how many instructions it took.
    pub fn counting(&self, out: &Path) -> Vec<String> {
        let mut command = self.command();
        command.extend(["--tool=callgrind".to_owned(), format!("--callgrind-out-file={}", out.display())]);
        command
    }

    fn command(&self) -> Vec<String> {
        let Some(folder) = &self.unpacked else { return vec!["valgrind".to_owned()] };
        let library = format!("VALGRIND_LIB={}", folder.join("usr/libexec/valgrind").display());
        vec!["env".to_owned(), library, folder.join("usr/bin/valgrind").display().to_string()]
    }

    fn answers(&self) -> bool {
        let command = self.command();
        let mut asked = Command::new(&command[0]);
        asked.args(&command[1..]).arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        asked.status().is_ok_and(|status| status.success())
    }
}

/// Unpacks Debian's or Ubuntu's package, with lists of packages of its own.
fn unpack(folder: &Path) -> Result<()> {
    eprintln!("── valgrind is not installed: unpacking it into {}", folder.display());
    for lists in ["state/lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(folder.join(lists))?;
    }
    let apt = |arguments: &[&str]| {
        let own = ["state", "cache"].map(|name| format!("-oDir::{name}={}", folder.join(name).display()));
        let mut apt = Command::new("apt-get");
        apt.args(["-qq", "-oDebug::NoLocking=1", "-oDir::State::status=/var/lib/dpkg/status"]);
        run(apt.args(own).args(arguments).current_dir(folder))
    };
    apt(&["update"])?;
    apt(&["download", "valgrind"])?;
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(&path).arg(folder))?;
        }
    }
    for lists in ["state", "cache"] {
        fs::remove_dir_all(folder.join(lists))?;
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{} cannot be started", command.get_program().display()))?;
    ensure!(status.success(), "{} failed", command.get_program().display());
    Ok(())
}
