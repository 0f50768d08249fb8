//! `up`, `install`, `uninstall`, `demo`, `down`, `status`, `env` and `token`: stages of this machine, and what runs in a stage.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use omsctl::down::Target;
use omsctl::emulator;
use omsctl::parameters::assignment;
use omsctl::repository::Repository;
use omsctl::stacks::InstallOptions;
use omsctl::system::System;
use omsctl::terminal::{note, table};
use omsctl::users;

use super::{discover, print, print_json};
use crate::Stage;

#[derive(Debug, Args)]
pub struct Up {
    #[command(flatten)]
    of: Stage,
    /// Install only these services, separated by commas.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// The emulator's port; the next free one if another program uses it [default: the stage's last one, or 4566].
    #[arg(long)]
    port: Option<u16>,
    /// Make the emulator enforce the functions' IAM policies.
    #[arg(long)]
    auth: bool,
    /// Override a template parameter's local value; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    parameters: Vec<(String, String)>,
    /// Compile and zip first what is installed, once the arguments are known to be right.
    #[arg(long)]
    build: bool,
    /// Where the functions find AWS, if not at the emulator itself.
    #[arg(long, hide = true, value_name = "URL")]
    functions_endpoint: Option<String>,
}

#[derive(Debug, Args)]
pub struct Install {
    /// A service, or sandbox-gateway, watcher, contracts.
    service: String,
    #[command(flatten)]
    of: Stage,
    /// Install this zip instead of the one that was built, for example an earlier version.
    #[arg(long)]
    zip: Option<PathBuf>,
    /// Replace the functions' code even if it is unchanged.
    #[arg(long)]
    force: bool,
    /// Override a template parameter's local value; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    parameters: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub struct Uninstall {
    /// A service.
    service: String,
}

#[derive(Debug, Args)]
pub struct Down {
    #[command(flatten)]
    of: Stage,
    /// Stop the emulator on this port, with every stage that it hosts.
    #[arg(long, conflicts_with = "stage")]
    port: Option<u16>,
    /// Stop every emulator of this checkout.
    #[arg(long, conflicts_with_all = ["stage", "port"])]
    all: bool,
}

#[derive(Debug, Args)]
pub struct Env {
    #[command(flatten)]
    of: Stage,
    /// Print JSON, as tests read it.
    #[arg(long)]
    json: bool,
    /// With --json, add an ID token to each demo user; it is valid for one hour.
    #[arg(long, requires = "json")]
    tokens: bool,
}

#[derive(Debug, Args)]
pub struct Token {
    /// One of ada, bob (customers), sam (support), olga (operator).
    user: String,
    #[command(flatten)]
    of: Stage,
    /// Print the access token instead of the ID token.
    #[arg(long)]
    access: bool,
}

pub async fn up(arguments: Up) -> Result<()> {
    let repository = Repository::find()?;
    let options = omsctl::up::Options {
        stage: arguments.of.stage,
        only: arguments.only,
        port: arguments.port,
        auth: arguments.auth,
        parameters: arguments.parameters.into_iter().collect(),
        build: arguments.build,
        functions_endpoint: arguments.functions_endpoint,
    };
    let system = omsctl::up::run(&repository, &options).await?;
    print(&summary(&system))
}

pub async fn install(arguments: Install) -> Result<()> {
    let parameters = arguments.parameters.into_iter().collect();
    let options = InstallOptions { zip: arguments.zip, force: arguments.force, parameters };
    let repository = Repository::find()?;
    omsctl::up::install(&repository, &arguments.of.stage, &arguments.service, &options).await.map(drop)
}

pub async fn uninstall(arguments: &Uninstall) -> Result<()> {
    omsctl::uninstall::run(&Repository::find()?, &arguments.service).await
}

pub async fn demo(of: Stage, up: bool) -> Result<()> {
    let repository = Repository::find()?;
    if up {
        let options = omsctl::up::Options { stage: of.stage.clone(), build: true, ..omsctl::up::Options::default() };
        omsctl::up::run(&repository, &options).await?;
    }
    let (aws, system) = discover(&repository, &of.stage).await?;
    omsctl::demo::run(&repository, &aws, &system).await
}

pub async fn down(arguments: Down) -> Result<()> {
    let target = match (arguments.port, arguments.all) {
        (_, true) => Target::All,
        (Some(port), false) => Target::Port(port),
        (None, false) => Target::Stage(arguments.of.stage),
    };
    omsctl::down::run(&Repository::find()?, &target).await
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
        note("no emulator is running; to start one, run `just up`");
        return Ok(());
    }
    print(&table(["EMULATOR", "PROCESS", "POLICIES", "STAGES"], &rows))
}

pub async fn env(arguments: Env) -> Result<()> {
    let repository = Repository::find()?;
    let (aws, mut system) = discover(&repository, &arguments.of.stage).await?;
    if arguments.tokens {
        for name in system.users.keys().cloned().collect::<Vec<String>>() {
            let token = users::sign_in(&repository, &system.stage, &system.identity, &aws, &name).await?.id;
            system.users.entry(name).and_modify(|user| user.token = Some(token));
        }
    }
    if arguments.json { print_json(&system) } else { print(&everything(&system)) }
}

pub async fn token(arguments: Token) -> Result<()> {
    let repository = Repository::find()?;
    let (aws, system) = discover(&repository, &arguments.of.stage).await?;
    let tokens = users::sign_in(&repository, &system.stage, &system.identity, &aws, &arguments.user).await?;
    print(&((if arguments.access { tokens.access } else { tokens.id }) + "\n"))
}

/// One line a service: its URL, or its roles.
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
