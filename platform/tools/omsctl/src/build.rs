//! Compiles the deployable projects and zips them for their templates.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::package::{self, Packaged};
use crate::process::{Process, until_interrupted};
use crate::repository::Repository;

/// How projects are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// For this machine, quickly.
    Dev,
    /// For this machine, with the tests. Without them cargo would choose other features of shared dependencies and
    /// compile the AWS SDK twice.
    DevWithTests,
    /// For AWS, optimised.
    Release,
}

/// A processor architecture of Lambda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Lambda's `arm64`.
    Arm64,
    /// Lambda's `x86_64`.
    X86,
}

impl Architecture {
    /// The value of the templates' parameter `Architecture`.
    #[must_use]
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        }
    }
}

/// A cargo invocation, and the folder of the target directory in which it leaves the binaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cargo {
    arguments: &'static [&'static str],
    binaries: &'static str,
}

/// Compiles projects one after the other, then zips them.
///
/// # Errors
/// When a project does not compile; cargo has printed why.
pub async fn build(repository: &Repository, projects: &[String], profile: Profile) -> Result<Vec<Packaged>> {
    let architecture = match profile {
        Profile::Dev | Profile::DevWithTests => this_machine(),
        Profile::Release => architecture().await,
    };
    let cargo = cargo(profile, architecture, this_machine());
    until_interrupted(async {
        for project in projects {
            let folder = package::folder(project);
            eprintln!("── {folder}: cargo {}", cargo.arguments.join(" "));
            Process::new("cargo", cargo.arguments).folder(&repository.path(&folder)).run().await?;
        }
        Ok(())
    })
    .await?;
    package::package_all(repository, &target(repository).join(cargo.binaries), projects)
}

/// The architecture of release builds: arm64 where this machine can compile it, otherwise the machine's own.
pub async fn architecture() -> Architecture {
    match this_machine() {
        Architecture::Arm64 => Architecture::Arm64,
        Architecture::X86 if compiles_for_arm64().await => Architecture::Arm64,
        Architecture::X86 => Architecture::X86,
    }
}

/// Compiling for arm64 on another machine takes cargo-lambda and rustc's standard library for that target.
async fn compiles_for_arm64() -> bool {
    if Process::new("cargo", ["lambda", "--version"]).output().await.is_err() {
        return false;
    }
    let sysroot = Process::new("rustc", ["--print", "sysroot"]).output().await;
    sysroot.is_ok_and(|output| {
        let sysroot = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Path::new(&sysroot).join("lib/rustlib/aarch64-unknown-linux-gnu/lib").is_dir()
    })
}

fn this_machine() -> Architecture {
    if std::env::consts::ARCH == "aarch64" { Architecture::Arm64 } else { Architecture::X86 }
}

fn cargo(profile: Profile, target: Architecture, machine: Architecture) -> Cargo {
    match profile {
        Profile::Dev => Cargo { arguments: &["build"], binaries: "debug" },
        Profile::DevWithTests => Cargo { arguments: &["build", "--bins", "--tests"], binaries: "debug" },
        Profile::Release if target == machine => Cargo { arguments: &["build", "--release"], binaries: "release" },
        Profile::Release => Cargo {
            arguments: &["lambda", "build", "--release", "--arm64"],
            binaries: "aarch64-unknown-linux-gnu/release",
        },
    }
}

/// Cargo's target directory.
fn target(repository: &Repository) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository.path("target"), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_architecture_is_compiled_by_cargo_lambda_and_this_one_by_cargo() {
        let (arm, x86) = (Architecture::Arm64, Architecture::X86);
        let cross = cargo(Profile::Release, arm, x86);
        assert_eq!(cross.arguments, ["lambda", "build", "--release", "--arm64"]);
        assert_eq!(cross.binaries, "aarch64-unknown-linux-gnu/release");
        for machine in [arm, x86] {
            let own = cargo(Profile::Release, machine, machine);
            assert_eq!((own.arguments, own.binaries), (["build", "--release"].as_slice(), "release"));
        }
    }

    #[test]
    fn the_dev_profile_is_always_for_this_machine() {
        assert_eq!(cargo(Profile::Dev, this_machine(), this_machine()).arguments, ["build"]);
        let with_tests = cargo(Profile::DevWithTests, this_machine(), this_machine());
        assert_eq!((with_tests.arguments, with_tests.binaries), (["build", "--bins", "--tests"].as_slice(), "debug"));
    }
}
