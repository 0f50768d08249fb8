//! A stage of production takes real money: it is refused without what that needs, before anything is built.
//!
//! The templates refuse the same by their `Rules`, for those who deploy without omsctl; the secret they cannot see.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::present::Present;
use super::{Gateway, Request};
use crate::aws_cli::{Ask, AwsError, Call};
use crate::package::SANDBOX;
use crate::parameters::Rules;
use crate::terminal::note;
use crate::wrong::WrongArgument;

/// The parameter that says whether the stage sells; true unless somebody says otherwise.
const PRODUCTION: &str = "Production";
const GATEWAY_URL: &str = "GatewayUrl";
const GATEWAY_SECRET: &str = "GatewaySecretName";
/// Where Stripe answers.
const STRIPE: &str = "https://api.stripe.com";

/// Refuses what no look at the stage could make right.
///
/// # Errors
/// [`WrongArgument`].
pub(super) fn check(request: &Request, rules: &Rules) -> Result<()> {
    let mut parameters = request.parameters.clone();
    // It is of the stage, also where the template of a part does not have it.
    let production = parameters.remove(PRODUCTION);
    rules.check(&parameters)?;
    match production.as_deref() {
        None | Some("true" | "false") => check_gateway(request),
        Some(other) => bail!(WrongArgument(format!("{PRODUCTION} must be one of true, false (was {other:?})"))),
    }
}

fn check_gateway(request: &Request) -> Result<()> {
    let Request { stage, parts, gateway, parameters, .. } = request;
    let is_production = parameters.get(PRODUCTION).is_none_or(|value| value != "false");
    match gateway {
        None if parts.is_empty() => bail!(WrongArgument(format!(
            "name the payment gateway of stage {stage}. To take money, run `just deploy {stage} gateway=stripe`. To \
             simulate a gateway on a stage that sells nothing, run `just deploy {stage} gateway=sandbox Production=false`"
        ))),
        Some(Gateway::Sandbox) if is_production => bail!(WrongArgument(format!(
            "the sandbox gateway takes no money, and {stage} is a stage of production unless you say otherwise. To take \
             money, write gateway=stripe. If the stage sells nothing, add Production=false"
        ))),
        Some(Gateway::Sandbox) if parameters.get(GATEWAY_URL).is_some_and(|url| !url.is_empty()) => {
            bail!(WrongArgument(format!(
                "gateway=sandbox has an address of its own: leave out {GATEWAY_URL}, or write gateway=stripe"
            )))
        }
        Some(_) if !parts.is_empty() && !parts.iter().any(|part| part == "payments" || part == SANDBOX) => {
            bail!(WrongArgument(format!("none of {} asks a payment gateway: leave out gateway=…", parts.join(", "))))
        }
        Some(_) | None => Ok(()),
    }
}

/// The parameters to deploy with: those that were asked for, and what follows from them and from what the stage has.
///
/// # Errors
/// When AWS does not answer, or, as [`WrongArgument`], when a stage of production lacks something.
pub(super) async fn settle(
    aws: &impl Ask,
    request: &Request,
    parts: &[String],
    rules: &Rules,
) -> Result<BTreeMap<String, String>> {
    let present = Present::read(aws, &request.stage, parts).await?;
    let parameters = follow(request, &present)?;
    let deployment = Deployment { request, parts, rules, present: &present, parameters: &parameters };
    if !deployment.is_production() {
        check_real(request)?;
        note(format!("stage {} is not production (Production=false)", request.stage));
        return Ok(parameters);
    }
    let mut lacking = deployment.lacking();
    if let Some(name) = deployment.secret() {
        let answer = aws.ask(&Call::new("secretsmanager", "describe-secret", json!({ "SecretId": name }))).await;
        lacking.extend(lacking_key(&name, answer)?);
    }
    refuse(request, &lacking)?;
    Ok(parameters)
}

/// A stage that sells nothing asks a real gateway only if the same command says so: it may be meant for another stage.
fn check_real(Request { stage, gateway, parameters, .. }: &Request) -> Result<()> {
    if *gateway == Some(Gateway::Stripe) && !parameters.contains_key(PRODUCTION) {
        bail!(WrongArgument(format!(
            "stage {stage} sells nothing (Production=false), and gateway=stripe takes money. If both are meant, add \
             Production=false. To make it a stage that sells, run `just deploy {stage} gateway=stripe Production=true`"
        )));
    }
    Ok(())
}

/// What the gateway and the stage decide about parameters.
fn follow(request: &Request, present: &Present) -> Result<BTreeMap<String, String>> {
    let Request { stage, parts, gateway, parameters, .. } = request;
    let mut parameters = parameters.clone();
    let given = parameters.get(PRODUCTION).map(String::as_str);
    if let (Some(given), Some(known)) = (given, known(present))
        && given != known
        && !parts.is_empty()
    {
        bail!(WrongArgument(format!(
            "stage {stage} has Production={known}. One part alone cannot change that; to change it, run \
             `just deploy {stage} gateway=stripe Production={given}`"
        )));
    }
    let production = given.or_else(|| known(present)).unwrap_or("true").to_owned();
    parameters.insert(PRODUCTION.to_owned(), production);
    let is_known = |url: Option<&str>| url.is_some_and(|url| !url.is_empty());
    match gateway {
        // An address that the stack has would be kept.
        Some(Gateway::Sandbox) => drop(parameters.insert(GATEWAY_URL.to_owned(), String::new())),
        Some(Gateway::Stripe) if !parameters.contains_key(GATEWAY_URL) && !is_known(present.value(GATEWAY_URL)) => {
            drop(parameters.insert(GATEWAY_URL.to_owned(), STRIPE.to_owned()));
        }
        Some(Gateway::Stripe) | None => {}
    }
    Ok(parameters)
}

/// Whether the stage sells, as its stacks say. Without the platform's word, a part that sells outweighs one that does not.
fn known(present: &Present) -> Option<&str> {
    let of_parts = || present.values(PRODUCTION).max_by_key(|value| *value != "false");
    present.of_platform(PRODUCTION).or_else(of_parts)
}

/// A deployment to a stage, with the values that its parameters will have.
struct Deployment<'a> {
    request: &'a Request,
    parts: &'a [String],
    rules: &'a Rules,
    present: &'a Present,
    parameters: &'a BTreeMap<String, String>,
}

/// Something that a stage of production lacks, and what to add or run.
#[derive(Debug, PartialEq, Eq)]
struct Lack(String);

impl Deployment<'_> {
    fn is_production(&self) -> bool {
        self.value(PRODUCTION).is_none_or(|value| value != "false")
    }

    /// The value that a parameter will have: of a template that is deployed now.
    fn value(&self, name: &str) -> Option<String> {
        let known = self.parameters.get(name).cloned().or_else(|| self.present.value(name).map(str::to_owned));
        known.or_else(|| self.rules.default_of(name))
    }

    fn is_empty(&self, name: &str) -> bool {
        self.rules.declare(name) && self.value(name).is_none_or(|value| value.is_empty())
    }

    fn lacking(&self) -> Vec<Lack> {
        let mut lacking = Vec::new();
        if self.parts.iter().any(|part| part == SANDBOX) {
            lacking.push(Lack("the sandbox gateway takes no money: leave it out, and write gateway=stripe".to_owned()));
        }
        if self.is_empty("AlarmEmail") {
            lacking.push(Lack("nobody gets the alarms: add AlarmEmail=you@your.domain".to_owned()));
        }
        if self.is_empty(GATEWAY_URL) {
            lacking.push(Lack("payments would ask the sandbox gateway: add gateway=stripe".to_owned()));
        }
        let url = self.value(GATEWAY_URL).filter(|url| self.rules.declare(GATEWAY_URL) && url.starts_with("http:"));
        if let Some(url) = url {
            let what = format!("payments would ask {url} without encryption: add {GATEWAY_URL}=https://…");
            lacking.push(Lack(what));
        }
        let is_sender =
            |example: &String| self.value("SenderAddress").is_some_and(|own| own.eq_ignore_ascii_case(example));
        if let Some(sender) = self.rules.default_of("SenderAddress").filter(is_sender) {
            let what = format!("mail would come from the example {sender}: add SenderAddress=orders@your.domain");
            lacking.push(Lack(what));
        }
        lacking
    }

    /// The secret with the gateway's key, if what is deployed needs it.
    fn secret(&self) -> Option<String> {
        let own = self.value(GATEWAY_SECRET).filter(|name| !name.is_empty());
        let name = own.unwrap_or_else(|| format!("oms/{}/gateway-key", self.request.stage));
        self.rules.declare(GATEWAY_SECRET).then_some(name)
    }
}

/// What lacks at the gateway's key. Its value is not read.
fn lacking_key(name: &str, answer: Result<Value, AwsError>) -> Result<Option<Lack>> {
    let secret = match answer {
        Ok(secret) => secret,
        Err(error) if error.is_missing() => {
            let create =
                format!("aws secretsmanager create-secret --name {name} --secret-string file://gateway-key.txt");
            return Ok(Some(Lack(format!("there is no secret {name} with the gateway's key: run `{create}`"))));
        }
        Err(error) if error.is_denied() => {
            let what = "allow this role secretsmanager:DescribeSecret";
            return Ok(Some(Lack(format!("nobody can tell whether the secret {name} exists: {what}"))));
        }
        Err(error) => return Err(anyhow::Error::from(error).context(format!("cannot look for the secret {name}"))),
    };
    let stages = secret["VersionIdsToStages"].as_object().into_iter().flat_map(|versions| versions.values());
    let has_value = stages.filter_map(Value::as_array).flatten().any(|stage| stage == "AWSCURRENT");
    let what = if secret.get("DeletedDate").is_some() {
        format!("the secret {name} is being deleted: run `aws secretsmanager restore-secret --secret-id {name}`")
    } else if has_value {
        return Ok(None);
    } else {
        let put =
            format!("aws secretsmanager put-secret-value --secret-id {name} --secret-string file://gateway-key.txt");
        format!("the secret {name} has no value: run `{put}`")
    };
    Ok(Some(Lack(what)))
}

fn refuse(request: &Request, lacking: &[Lack]) -> Result<()> {
    if lacking.is_empty() {
        return Ok(());
    }
    let stage = &request.stage;
    let lines: Vec<String> = lacking.iter().map(|Lack(what)| format!("  - {what}")).collect();
    let lines = lines.join("\n");
    bail!(WrongArgument(format!(
        "stage {stage} is production and not ready to sell; nothing was built or deployed:\n{lines}\n\
         If the stage sells nothing, add Production=false"
    )))
}

#[cfg(test)]
mod tests;
