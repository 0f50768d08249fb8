//! API Gateway and Cognito, which answer before any function does.

use serde_json::{Value, json};

use super::{Check, Facts, each, list};
use crate::aws_cli::Call;

pub(super) static CHECKS: [Check; 4] = [
    Check {
        name: "authorizers",
        shows: "API Gateway itself answers 401 without a token of this stage's user pool",
        writes: false,
        calls: |facts| of_each_api(facts, "get-authorizers"),
        judge: |facts, answers| {
            each(answers, "API with the stage's authorizer", |call, it| authorizer_fault(facts, call, it))
        },
    },
    Check {
        name: "routes",
        shows: "which routes need a token, as the template declares them",
        writes: false,
        calls: |facts| of_each_api(facts, "get-routes"),
        judge: |facts, answers| {
            each(answers, "API whose routes are as declared", |call, it| route_fault(facts, call, it))
        },
    },
    Check {
        name: "access-logs",
        shows: "what API Gateway answers by itself (401, 413, 429, 5xx) leaves a line",
        writes: false,
        calls: |facts| of_each_api(facts, "get-stages"),
        judge: |_, answers| each(answers, "API with an access log", log_fault),
    },
    Check {
        name: "staff-groups",
        shows: "the groups support and operator in Cognito's own pool",
        writes: false,
        calls: |facts| {
            let pool = json!({ "UserPoolId": facts.known("identity/pool-id") });
            vec![Call::new("cognito-idp", "list-groups", pool)]
        },
        judge: |_, answers| each(answers, "pool with both groups", group_fault),
    },
];

/// The services' APIs; the sandbox gateway's stands for somebody else's.
fn of_each_api(facts: &Facts, operation: &'static str) -> Vec<Call> {
    let apis = facts.all("AWS::ApiGatewayV2::Api").filter(|(part, _, _)| *part != crate::package::SANDBOX);
    apis.map(|(_, _, api)| Call::new("apigatewayv2", operation, json!({ "ApiId": api.physical }))).collect()
}

/// The service whose API was asked about.
fn service<'a>(facts: &'a Facts, call: &Call) -> &'a str {
    let api = facts.all("AWS::ApiGatewayV2::Api").find(|(_, _, api)| call.input["ApiId"] == api.physical.as_str());
    api.map_or("", |(part, _, _)| part)
}

fn authorizer_fault(facts: &Facts, call: &Call, answer: &Value) -> Option<String> {
    let (issuer, client) = (facts.known("identity/issuer"), facts.known("identity/client-id"));
    let is_ours = list(answer, "Items").any(|it| {
        let jwt = &it["JwtConfiguration"];
        it["AuthorizerType"] == "JWT" && jwt["Issuer"] == issuer && list(jwt, "Audience").any(|it| it == client)
    });
    (!is_ours).then(|| format!("{} takes tokens of another pool", service(facts, call)))
}

fn route_fault(facts: &Facts, call: &Call, answer: &Value) -> Option<String> {
    let service = service(facts, call);
    let wanted = facts.parts.get(service)?.wanted();
    let faults = wanted.filter(|it| it["Type"] == "AWS::ApiGatewayV2::Route").filter_map(|declared| {
        let properties = &declared["Properties"];
        let (key, wanted) = (&properties["RouteKey"], properties["AuthorizationType"].as_str().unwrap_or("NONE"));
        let found = list(answer, "Items").find(|route| route["RouteKey"] == *key);
        let has = found.map(|route| route["AuthorizationType"].as_str().unwrap_or("NONE"));
        (has != Some(wanted)).then(|| format!("{service} {key}: {}", has.unwrap_or("no such route")))
    });
    let faults: Vec<String> = faults.collect();
    (!faults.is_empty()).then(|| faults.join("; "))
}

fn log_fault(call: &Call, answer: &Value) -> Option<String> {
    let is_silent = |stage: &Value| stage["AccessLogSettings"]["DestinationArn"].is_null();
    let silent = list(answer, "Items").any(is_silent) || list(answer, "Items").next().is_none();
    silent.then(|| format!("the API {} has no access log", call.input["ApiId"]))
}

fn group_fault(_: &Call, answer: &Value) -> Option<String> {
    let has = |name: &&&str| list(answer, "Groups").any(|group| group["GroupName"] == **name);
    let absent: Vec<&str> = ["support", "operator"].iter().filter(|name| !has(name)).copied().collect();
    (!absent.is_empty()).then(|| format!("no group {}", absent.join(", ")))
}
