//! The commands: each calls the library and prints what it gives.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use omsctl::aws::Aws;
use omsctl::emulator::{self, Emulator};
use omsctl::logs::{Line, Reader, Selection};
use omsctl::package::Packaged;
use omsctl::repository::Repository;
use omsctl::stacks::Version;
use omsctl::system::{self, System};
use omsctl::terminal::{Colour, Paint, note, table};
use omsctl::{package as packaging, users};

use crate::{Deploy, Logs, Up};

pub mod dlq;
pub mod staff;

const FOLLOW_EVERY: Duration = Duration::from_secs(1);

pub async fn up(up: Up) -> Result<()> {
    let repository = Repository::find()?;
    let options = omsctl::up::Options {
        stage: up.of.stage,
        only: up.only,
        port: up.port,
        auth: up.auth,
        parameters: up.parameters.into_iter().collect(),
    };
    let system = omsctl::up::run(&repository, &options).await?;
    say(&summary(&system))
}

pub async fn deploy(deploy: Deploy) -> Result<()> {
    let parameters = deploy.parameters.into_iter().collect();
    let version = Version { zip: deploy.zip, again: deploy.again, parameters };
    omsctl::up::deploy(&Repository::find()?, &deploy.of.stage, &deploy.service, &version).await.map(drop)
}

pub async fn demo(stage: &str) -> Result<()> {
    let repository = Repository::find()?;
    let (aws, system) = discover(&repository, stage).await?;
    omsctl::demo::run(&repository, &aws, &system).await
}

pub fn down(stage: &str, port: Option<u16>, all: bool) -> Result<()> {
    let repository = Repository::find()?;
    let _lock = repository.lock()?;
    let port = port.or(repository.stage(stage)?.map(|known| known.port));
    let stopped: Vec<Emulator> =
        emulator::running(&repository)?.into_iter().filter(|it| all || Some(it.port) == port).collect();
    if stopped.is_empty() {
        note("nothing to stop");
    }
    for emulator in stopped {
        let stages = repository.stages_at(emulator.port)?.join(", ");
        emulator.stop(&repository)?;
        note(format!("stopped the emulator on port {} with {stages}", emulator.port));
    }
    // What an emulator that was killed has left behind.
    port.map_or(Ok(()), |port| emulator::forget(&repository, port))
}

pub fn status() -> Result<()> {
    let repository = Repository::find()?;
    let mut rows = Vec::new();
    for emulator in emulator::running(&repository)? {
        let stages = repository.stages_at(emulator.port)?.join(", ");
        let policies = if emulator.auth { "enforced" } else { "not enforced" }.to_owned();
        rows.push([emulator.endpoint(), emulator.pid.to_string(), policies, stages]);
    }
    if rows.is_empty() {
        note("nothing runs");
        return Ok(());
    }
    say(&table(["EMULATOR", "PROCESS", "POLICIES", "STAGES"], &rows))
}

pub async fn env(stage: &str, json: bool, tokens: bool) -> Result<()> {
    let repository = Repository::find()?;
    let (aws, mut system) = discover(&repository, stage).await?;
    if tokens {
        for name in system.users.keys().cloned().collect::<Vec<String>>() {
            let token = users::sign_in(&repository, &system, &aws, &name).await?.id;
            system.users.entry(name).and_modify(|user| user.token = Some(token));
        }
    }
    if json { say(&(serde_json::to_string_pretty(&system)? + "\n")) } else { say(&everything(&system)) }
}

pub async fn token(stage: &str, user: &str, access: bool) -> Result<()> {
    let repository = Repository::find()?;
    let (aws, system) = discover(&repository, stage).await?;
    let tokens = users::sign_in(&repository, &system, &aws, user).await?;
    say(&((if access { tokens.access } else { tokens.id }) + "\n"))
}

pub async fn logs(logs: Logs) -> Result<()> {
    let (aws, system) = discover(&Repository::find()?, &logs.of.stage).await?;
    if let Some(service) = &logs.service {
        system.service(service)?;
    }
    let mut selection = Selection { order: logs.order, correlation_ids: logs.correlation_id.into_iter().collect() };
    #[expect(clippy::disallowed_methods, reason = "this is the rim: someone asks now")]
    let from = Timestamp::now() - logs.since;
    let mut reader = Reader::new(&aws, &system, logs.service.as_deref(), from);
    let paint = Paint::stdout();
    let shown = |line: &Line| if logs.json { line.text.clone() } else { line.pretty(paint) } + "\n";
    loop {
        let lines = selection.select(reader.read().await?);
        say(&lines.iter().map(shown).collect::<String>())?;
        if !logs.follow {
            return Ok(());
        }
        tokio::time::sleep(FOLLOW_EVERY).await;
    }
}

pub async fn invoke(stage: &str, service: &str, role: &str, file: &Path) -> Result<ExitCode> {
    let payload = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice::<serde::de::IgnoredAny>(&payload)
        .with_context(|| format!("{} is not JSON", file.display()))?;
    let (aws, system) = discover(&Repository::find()?, stage).await?;
    let answer = omsctl::invoke::invoke(&aws, system.function(service, role)?, payload).await?;
    let paint = Paint::stderr();
    eprint!("{}", paint.paint(Colour::Dim, answer.log));
    say(&(answer.payload + "\n"))?;
    let Some(error) = answer.error else { return Ok(ExitCode::SUCCESS) };
    eprintln!("{}", paint.paint(Colour::Red, format!("the function failed: {error}")));
    Ok(ExitCode::FAILURE)
}

pub fn package(projects: Vec<String>, binaries: &Path) -> Result<()> {
    let repository = Repository::find()?;
    let projects = if projects.is_empty() { packaging::projects(&repository)? } else { projects };
    let mut rows = Vec::new();
    for project in projects {
        let packed = packaging::package(&binaries.join(&project), &packaging::zip_path(&repository, &project))?;
        rows.push(row(&project, &packed));
    }
    say(&table(["PROJECT", "BINARY", "ZIP"], &rows))
}

pub fn zip(binary: &Path, out: &Path) -> Result<()> {
    let packed = packaging::package(binary, out)?;
    say(&table(["ZIP", "BINARY", "SIZE"], &[row(&out.to_string_lossy(), &packed)]))
}

/// Understands `NAME=VALUE`.
pub fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text} is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

async fn discover(repository: &Repository, stage: &str) -> Result<(Aws, System)> {
    let (aws, endpoint) = system::locate(repository, stage).await?;
    let system = System::discover(&aws, stage, endpoint.as_deref(), &packaging::projects(repository)?).await?;
    Ok((aws, system))
}

/// What one wants to know after `up`.
fn summary(system: &System) -> String {
    let mut rows: Vec<[String; 2]> = Vec::new();
    for (name, service) in &system.services {
        let roles = service.functions.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        rows.push([name.clone(), service.api.clone().unwrap_or(roles)]);
    }
    rows.extend(system.mailbox.clone().map(|url| ["mailbox".to_owned(), url]));
    rows.push(["users".to_owned(), system.users.keys().cloned().collect::<Vec<_>>().join(", ")]);
    table([&system.stage, system.endpoint.as_deref().unwrap_or("AWS")], &rows)
}

fn everything(system: &System) -> String {
    let mut rows: Vec<[String; 3]> = Vec::new();
    let mut add = |part: &str, name: &str, value: &str| rows.push([part.to_owned(), name.to_owned(), value.to_owned()]);
    add("platform", "endpoint", system.endpoint.as_deref().unwrap_or("AWS"));
    add("", "region", &system.region);
    add("", "bus", &system.bus);
    add("", "issuer", &system.identity.issuer);
    add("", "client id", &system.identity.client_id);
    add("", "mailbox", system.mailbox.as_deref().unwrap_or("-"));
    for (name, service) in &system.services {
        add(name, "api", service.api.as_deref().unwrap_or("-"));
        if let Some(queue) = &service.queue {
            add("", "queue", &queue.url);
            add("", "", &queue.arn);
        }
        service.tables.iter().for_each(|(_, table)| add("", "table", table));
        service.functions.iter().for_each(|(_, function)| add("", "function", function));
    }
    for (name, queue) in &system.dead_letters {
        add("dead letters", name, &queue.url);
        add("", "", &queue.arn);
    }
    for (name, value) in &system.contracts {
        add("contracts", name, value);
    }
    for (name, user) in &system.users {
        let groups = if user.groups.is_empty() { "customer".to_owned() } else { user.groups.join(", ") };
        add("user", name, &format!("{} {} ({groups})", user.customer_id, user.email));
    }
    table([system.stage.as_str(), "WHAT", "WHERE"], &rows)
}

fn row(name: &str, packed: &Packaged) -> [String; 3] {
    [name.to_owned(), megabytes(packed.binary_bytes), megabytes(packed.zip_bytes)]
}

fn megabytes(bytes: u64) -> String {
    // Two decimals by integer arithmetic: hundredths of a megabyte.
    let hundredths = (bytes + 5_000) / 10_000;
    format!("{}.{:02} MB", hundredths / 100, hundredths % 100)
}

/// Prints to standard output; a reader that has seen enough, such as `head`, is no failure.
fn say(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
