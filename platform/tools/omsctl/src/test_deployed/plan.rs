//! What `test-deployed` builds, deploys and tests: names, ports, stages, and the tests of each project.

use std::ffi::OsString;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail};

use crate::package::{self, SANDBOX};
use crate::repository::Repository;

/// The first port of the tests' emulators, unless the caller names another.
pub const DEFAULT_PORT: u16 = 4577;

/// The name that stands for the tests of the whole system.
const SYSTEM: &str = "system";
/// The least and the most stages of the whole system that run side by side.
const SYSTEM_STAGES: (usize, usize) = (2, 4);
/// Every run uses the first of these ports; an earlier run that was killed may have used any of them.
const PORTS: u16 = 8;

/// What to do, decided before anything starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Projects to compile and zip.
    pub build: Vec<String>,
    /// Projects to test alone, side by side.
    pub alone: Vec<Alone>,
    /// Stages of the whole system; empty if the system is not tested.
    pub system: Vec<Deployment>,
    /// Ports on which no emulator may run before or after.
    pub ports: Range<u16>,
}

/// A stage on an emulator of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Such as `onlyorders`.
    pub stage: String,
    /// The emulator's port.
    pub port: u16,
}

/// A project that is tested in a stage with nothing else but what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// Such as `orders`.
    pub project: String,
    /// Where it is deployed.
    pub deployment: Deployment,
    /// The test targets that need a deployed stage.
    pub targets: Vec<String>,
}

impl Plan {
    /// Plans for the named projects and `system`; for all of them if none is named.
    ///
    /// # Errors
    /// When a name is unknown: the message lists the known ones.
    pub fn new(repository: &Repository, names: &[String], first_port: u16) -> Result<Self> {
        let projects = package::projects(repository)?;
        let mut plan = Self::of(&projects, names, first_port, available_parallelism().map_or(1, Into::into))?;
        for alone in &mut plan.alone {
            alone.targets = targets(&repository.path(&package::folder(&alone.project)))?;
        }
        plan.alone.retain(|alone| !alone.targets.is_empty());
        Ok(plan)
    }

    fn of(projects: &[String], names: &[String], first_port: u16, processors: usize) -> Result<Self> {
        if let Some(unknown) = names.iter().find(|name| *name != SYSTEM && !projects.contains(name)) {
            bail!("nothing named {unknown} is deployed; choose from: {SYSTEM}, {}", projects.join(", "));
        }
        let chosen = |name: &str| names.is_empty() || names.iter().any(|it| it == name);
        // A service that charges needs the sandbox gateway in its stage.
        let built = |name: &&String| chosen(name) || chosen(SYSTEM) || *name == SANDBOX;
        let alone = projects.iter().filter(|name| chosen(name)).zip(first_port..).map(|(name, port)| Alone {
            project: name.clone(),
            deployment: Deployment { stage: stage_of(name), port },
            targets: Vec::new(),
        });
        let (least, most) = SYSTEM_STAGES;
        let stages = if chosen(SYSTEM) { processors.clamp(least, most) } else { 0 };
        let system = (0..stages).zip(first_port..).map(|(n, port)| Deployment { stage: format!("{SYSTEM}{n}"), port });
        Ok(Self {
            build: projects.iter().filter(built).cloned().collect(),
            alone: alone.collect(),
            system: system.collect(),
            ports: first_port..first_port.saturating_add(PORTS.max(u16::try_from(projects.len())?)),
        })
    }

    /// Every stage of the plan, with its emulator's port.
    pub(super) fn deployments(&self) -> impl Iterator<Item = &Deployment> {
        self.alone.iter().map(|alone| &alone.deployment).chain(&self.system)
    }
}

/// The value of `OMS_ENV`: the files that describe these stages, with a colon between.
pub(super) fn descriptions<'a>(
    repository: &Repository,
    deployments: impl IntoIterator<Item = &'a Deployment>,
) -> Result<OsString> {
    let files = deployments.into_iter().map(|it| repository.oms(&description(it)));
    std::env::join_paths(files).context("the path of the checkout has a colon")
}

/// The name of the file in `.oms/` that describes a stage.
pub(super) fn description(deployment: &Deployment) -> String {
    format!("env-{}.json", deployment.stage)
}

/// A stage name has at most twelve characters.
fn stage_of(project: &str) -> String {
    let short: String = project.chars().filter(|it| *it != '-').take(8).collect();
    format!("only{short}")
}

/// The test targets of a project that need a deployed stage: `tests/deployed*.rs` and `tests/deployed*/main.rs`.
fn targets(project: &Path) -> Result<Vec<String>> {
    let folder = project.join("tests");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_target = path.join("main.rs").is_file() || path.extension().is_some_and(|it| it == "rs");
        names.extend((is_target && name.starts_with("deployed")).then_some(name));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECTS: [&str; 4] = ["orders", "payments", SANDBOX, "watcher"];

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn plan(names: &[&str], processors: usize) -> Plan {
        Plan::of(&texts(&PROJECTS), &texts(names), 4600, processors).unwrap()
    }

    fn stages(plan: &Plan) -> Vec<(&str, u16)> {
        plan.deployments().map(|it| (it.stage.as_str(), it.port)).collect()
    }

    #[test]
    fn without_names_each_project_is_tested_alone_and_then_the_system() {
        let plan = plan(&[], 3);
        assert_eq!(plan.build, texts(&PROJECTS));
        let alone = [("onlyorders", 4600), ("onlypayments", 4601), ("onlysandboxg", 4602), ("onlywatcher", 4603)];
        let system = [("system0", 4600), ("system1", 4601), ("system2", 4602)];
        assert_eq!(stages(&plan), [alone.as_slice(), system.as_slice()].concat());
    }

    #[test]
    fn a_named_project_is_tested_alone_with_the_gateway_at_hand() {
        let plan = plan(&["payments"], 8);
        assert_eq!(plan.build, texts(&["payments", SANDBOX]));
        assert_eq!(stages(&plan), [("onlypayments", 4600)]);
    }

    #[test]
    fn the_system_needs_every_project_built_and_none_tested_alone() {
        let plan = plan(&["system"], 2);
        assert_eq!(plan.build, texts(&PROJECTS));
        assert_eq!(stages(&plan), [("system0", 4600), ("system1", 4601)]);
    }

    #[test]
    fn two_to_four_stages_of_the_system_run_side_by_side() {
        for (processors, expected) in [(1, 2), (2, 2), (3, 3), (4, 4), (64, 4)] {
            assert_eq!(plan(&["system"], processors).system.len(), expected, "{processors} processors");
        }
    }

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_known_ones() {
        let error = Plan::of(&texts(&PROJECTS), &texts(&["order"]), 4600, 2).unwrap_err();
        let expected =
            "nothing named order is deployed; choose from: system, orders, payments, sandbox-gateway, watcher";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn every_stage_of_a_project_has_a_name_that_the_templates_accept() {
        for project in PROJECTS.into_iter().chain(["a", "notifications"]) {
            crate::up::check_stage(&stage_of(project)).unwrap();
        }
    }

    #[test]
    fn only_tests_of_what_is_deployed_are_targets() {
        let folder = tempfile::tempdir().unwrap();
        let tests = folder.path().join("tests");
        for name in ["deployed_api", "rules", "deployed_helpers"] {
            fs::create_dir_all(tests.join(name)).unwrap();
        }
        for file in ["deployed.rs", "contracts.rs", "deployed_api/main.rs", "rules/main.rs"] {
            fs::write(tests.join(file), "").unwrap();
        }
        assert_eq!(targets(folder.path()).unwrap(), texts(&["deployed", "deployed_api"]));
        assert_eq!(targets(&tests).unwrap(), texts(&[]), "a project without tests");
    }

    #[test]
    fn the_descriptions_of_several_stages_are_separated_by_colons() {
        let repository = Repository::at(Path::new("/checkout"));
        let system = plan(&["system"], 2).system;
        let joined = descriptions(&repository, &system).unwrap();
        assert_eq!(joined, "/checkout/.oms/env-system0.json:/checkout/.oms/env-system1.json");
    }
}
