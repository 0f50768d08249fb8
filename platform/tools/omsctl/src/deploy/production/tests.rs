//! A stage of production against what AWS answers of its stacks and of the gateway's secret, with the real templates.

use crate::aws_cli::recorded::{Recorded, denied, missing};
use crate::package;
use crate::repository::Repository;
use crate::stacks;

use super::*;

const GATEWAY_KEY: &str = "oms/prod/gateway-key";

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn request(parts: &[&str], gateway: Option<Gateway>, parameters: &[(&str, &str)]) -> Request {
    let parts = parts.iter().map(|part| (*part).to_owned()).collect();
    Request { stage: "prod".to_owned(), parts, gateway, watcher: false, parameters: pairs(parameters) }
}

/// AWS's answer to DescribeStacks for a stack with these parameters.
fn stack(status: &str, parameters: &[(&str, &str)]) -> Value {
    let parameters = parameters.iter().map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value }));
    let parameters: Vec<Value> = parameters.collect();
    json!({ "Stacks": [{
        "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/oms-prod-platform/0c7a",
        "StackName": "oms-prod-platform",
        "Parameters": parameters,
        "CreationTime": "2026-11-01T09:00:00.000000+00:00",
        "StackStatus": status,
    }] })
}

/// AWS's answer to DescribeSecret.
fn secret() -> Value {
    json!({
        "ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:oms/prod/gateway-key-AbCdEf",
        "Name": GATEWAY_KEY,
        "LastChangedDate": "2026-11-01T09:00:00.000000+00:00",
        "VersionIdsToStages": { "c9b9ae57-0cb8-4a1c-9d5f-0a2c0b6b5f11": ["AWSCURRENT"] },
    })
}

/// An account with these stacks, and this answer about the secret.
fn account(stacks: &[(&str, Value)], secret: Result<Value, AwsError>) -> Recorded {
    let mut aws = Recorded::default().when("describe-secret", json!({}), secret);
    for (part, answer) in stacks {
        let name = json!({ "StackName": format!("oms-prod-{part}") });
        aws = aws.when("describe-stacks", name, Ok(answer.clone()));
    }
    let message = "Stack with id oms-prod-x does not exist".to_owned();
    aws.when("describe-stacks", json!({}), Err(AwsError::Refused { code: "ValidationError".to_owned(), message }))
}

fn nothing() -> Recorded {
    account(&[], missing("ResourceNotFoundException"))
}

async fn settled(aws: &Recorded, request: &Request) -> Result<BTreeMap<String, String>> {
    let repository = Repository::find().unwrap();
    let mut all = vec!["platform".to_owned(), "dead-letters".to_owned()];
    all.extend(
        package::deployable(&repository).unwrap().into_iter().filter(|name| name != SANDBOX && name != "watcher"),
    );
    let parts = if request.parts.is_empty() { all } else { request.parts.clone() };
    let templates = parts.iter().map(|part| {
        let platform = stacks::PLATFORM.iter().find(|(name, _)| name == part);
        platform.map_or_else(|| package::template(part), |(_, template)| (*template).to_owned())
    });
    let rules = Rules::read(&repository, templates).unwrap();
    check(request, &rules)?;
    settle(aws, request, &parts, &rules).await
}

async fn refusal(aws: &Recorded, request: &Request) -> String {
    let error = settled(aws, request).await.unwrap_err();
    error.downcast::<WrongArgument>().unwrap().to_string()
}

#[tokio::test]
async fn a_whole_stage_names_its_gateway() {
    let refused = refusal(&nothing(), &request(&[], None, &[])).await;
    assert!(refused.contains("run `just deploy prod gateway=stripe`"), "{refused}");
    assert!(refused.contains("run `just deploy prod gateway=sandbox Production=false`"), "{refused}");
}

#[tokio::test]
async fn the_sandbox_is_refused_unless_the_stage_sells_nothing() {
    let sandbox = Some(Gateway::Sandbox);
    for parameters in [&[][..], &[("Production", "true")]] {
        let refused = refusal(&nothing(), &request(&[], sandbox, parameters)).await;
        assert!(refused.contains("takes no money") && refused.contains("add Production=false"), "{refused}");
    }
    let parameters = settled(&nothing(), &request(&[], sandbox, &[("Production", "false")])).await.unwrap();
    assert_eq!(parameters, pairs(&[("GatewayUrl", ""), ("Production", "false")]));
    let alone = refusal(&nothing(), &request(&[SANDBOX], None, &[])).await;
    assert!(alone.contains("the sandbox gateway takes no money: leave it out"), "{alone}");
    let url = [("Production", "false"), ("GatewayUrl", "https://api.stripe.com")];
    assert!(refusal(&nothing(), &request(&[], sandbox, &url)).await.contains("leave out GatewayUrl"));
    let elsewhere = refusal(&nothing(), &request(&["orders"], Some(Gateway::Stripe), &[])).await;
    assert_eq!(elsewhere, "none of orders asks a payment gateway: leave out gateway=…");
}

#[tokio::test]
async fn everything_that_production_lacks_is_told_at_once_with_what_sets_it() {
    let refused = refusal(&nothing(), &request(&[], Some(Gateway::Stripe), &[])).await;
    assert_eq!(
        refused,
        "stage prod is production and not ready to sell; nothing was built or deployed:\
         \n  - nobody gets the alarms: add AlarmEmail=you@your.domain\
         \n  - mail would come from the example orders@oms.example: add SenderAddress=orders@your.domain\
         \n  - there is no secret oms/prod/gateway-key with the gateway's key: run `aws secretsmanager create-secret \
         --name oms/prod/gateway-key --secret-string file://gateway-key.txt`\
         \nIf the stage sells nothing, add Production=false"
    );
}

#[tokio::test]
async fn production_takes_no_gateway_without_encryption_and_no_example_in_other_letters() {
    let ready = [("AlarmEmail", "ops@a.example"), ("SenderAddress", "orders@a.example")];
    let aws = account(&[], Ok(secret()));
    let open = [ready[0], ready[1], ("GatewayUrl", "http://pay.a.example")];
    let refused = refusal(&aws, &request(&[], Some(Gateway::Stripe), &open)).await;
    assert!(refused.contains("ask http://pay.a.example without encryption: add GatewayUrl=https://"), "{refused}");
    settled(&aws, &request(&[], Some(Gateway::Stripe), &[open[2], ("Production", "false")])).await.unwrap();
    let kept = account(&[("payments", stack("UPDATE_COMPLETE", &[open[2]]))], Ok(secret()));
    let refused = refusal(&kept, &request(&["payments"], None, &[])).await;
    assert!(refused.contains("without encryption"), "{refused}");
    let example = [ready[0], ("SenderAddress", "Orders@OMS.example")];
    let refused = refusal(&aws, &request(&[], Some(Gateway::Stripe), &example)).await;
    assert!(refused.contains("mail would come from the example orders@oms.example"), "{refused}");
}

#[tokio::test]
async fn a_stage_that_sells_nothing_gets_a_real_gateway_only_if_the_command_says_both() {
    let staging = account(&[("platform", stack("CREATE_COMPLETE", &[("Production", "false")]))], Ok(secret()));
    for parts in [&[][..], &["payments"]] {
        let refused = refusal(&staging, &request(parts, Some(Gateway::Stripe), &[])).await;
        assert!(refused.starts_with("stage prod sells nothing (Production=false), and gateway=stripe"), "{refused}");
        assert!(refused.contains("add Production=false."), "{refused}");
        settled(&staging, &request(parts, Some(Gateway::Stripe), &[("Production", "false")])).await.unwrap();
    }
}

#[tokio::test]
async fn a_stage_with_all_of_it_is_deployed_to_stripe() {
    let ready = [("AlarmEmail", "ops@a.example"), ("SenderAddress", "orders@a.example")];
    let aws = account(&[], Ok(secret()));
    let parameters = settled(&aws, &request(&[], Some(Gateway::Stripe), &ready)).await.unwrap();
    assert_eq!(parameters["GatewayUrl"], "https://api.stripe.com");
    assert_eq!(parameters["Production"], "true");
    let own = [ready[0], ready[1], ("GatewayUrl", "https://pay.a.example")];
    let parameters = settled(&aws, &request(&[], Some(Gateway::Stripe), &own)).await.unwrap();
    assert_eq!(parameters["GatewayUrl"], "https://pay.a.example");
}

#[tokio::test]
async fn an_update_needs_no_value_that_the_stage_has() {
    let stacks = [
        ("platform", stack("UPDATE_COMPLETE", &[("AlarmEmail", "ops@a.example"), ("Production", "true")])),
        ("payments", stack("UPDATE_COMPLETE", &[("GatewayUrl", "https://pay.a.example"), ("GatewaySecretName", "")])),
        ("notifications", stack("CREATE_COMPLETE", &[("SenderAddress", "orders@a.example")])),
    ];
    let aws = account(&stacks, Ok(secret()));
    let parameters = settled(&aws, &request(&[], Some(Gateway::Stripe), &[])).await.unwrap();
    assert_eq!(parameters, pairs(&[("Production", "true")]), "the address of the gateway is kept, too");
    for part in ["platform", "payments", "notifications"] {
        settled(&aws, &request(&[part], None, &[])).await.unwrap();
    }
    let emptied = refusal(&aws, &request(&[], Some(Gateway::Stripe), &[("AlarmEmail", "")])).await;
    assert!(emptied.contains("nobody gets the alarms"), "{emptied}");
}

#[tokio::test]
async fn one_part_is_asked_for_what_its_own_template_needs() {
    let payments = refusal(&nothing(), &request(&["payments"], None, &[])).await;
    assert!(payments.contains("payments would ask the sandbox gateway: add gateway=stripe"), "{payments}");
    assert!(payments.contains("create-secret") && !payments.contains("AlarmEmail"), "{payments}");
    let mail = refusal(&nothing(), &request(&["notifications"], None, &[])).await;
    assert!(mail.contains("SenderAddress") && !mail.contains("secret"), "{mail}");
    let platform = refusal(&nothing(), &request(&["platform", "dead-letters"], None, &[])).await;
    assert!(platform.contains("AlarmEmail") && !platform.contains("gateway"), "{platform}");
    settled(&nothing(), &request(&["orders"], None, &[])).await.unwrap();
}

#[tokio::test]
async fn whether_a_stage_sells_can_be_said_of_a_part_whose_template_does_not_ask() {
    let parameters = settled(&nothing(), &request(&["inventory"], None, &[("Production", "false")])).await.unwrap();
    assert_eq!(parameters["Production"], "false");
    let wrong = refusal(&nothing(), &request(&["inventory"], None, &[("Production", "no")])).await;
    assert_eq!(wrong, r#"Production must be one of true, false (was "no")"#);
    let unknown = refusal(&nothing(), &request(&["inventory"], None, &[("Nonsense", "1")])).await;
    assert!(unknown.contains("\"Nonsense\""), "{unknown}");
}

#[tokio::test]
async fn the_platform_says_whether_the_stage_sells() {
    let staging = account(&[("platform", stack("CREATE_COMPLETE", &[("Production", "false")]))], Ok(secret()));
    let parameters = settled(&staging, &request(&["payments"], None, &[])).await.unwrap();
    assert_eq!(parameters["Production"], "false", "a part gets the stage's value, not the template's");
    let changed = refusal(&staging, &request(&["payments"], None, &[("Production", "true")])).await;
    assert!(changed.starts_with("stage prod has Production=false. One part alone cannot change that"), "{changed}");
    let whole = refusal(&staging, &request(&[], Some(Gateway::Stripe), &[("Production", "true")])).await;
    assert!(whole.contains("AlarmEmail"), "{whole}");
}

#[tokio::test]
async fn a_role_that_may_not_see_the_platform_deploys_its_own_part() {
    let own = stack("UPDATE_COMPLETE", &[("GatewayUrl", "https://api.stripe.com"), ("Production", "true")]);
    let aws = Recorded::default()
        .when("describe-stacks", json!({ "StackName": "oms-prod-platform" }), denied())
        .when("describe-stacks", json!({ "StackName": "oms-prod-payments" }), Ok(own))
        .when("describe-secret", json!({}), Ok(secret()));
    settled(&aws, &request(&["payments"], None, &[])).await.unwrap();
    let changed = refusal(&aws, &request(&["payments"], None, &[("Production", "false")])).await;
    assert!(changed.starts_with("stage prod has Production=true. One part alone cannot change that"), "{changed}");
    let unseen = Recorded::default().when("describe-stacks", json!({}), denied());
    let error = settled(&unseen, &request(&["payments"], None, &[])).await.unwrap_err();
    assert!(format!("{error:#}").starts_with("cannot read the stack oms-prod-payments: User: "), "{error:#}");
}

#[tokio::test]
async fn a_stack_that_never_was_has_no_values() {
    let review = stack("REVIEW_IN_PROGRESS", &[("AlarmEmail", "ops@a.example")]);
    let refused = refusal(&account(&[("platform", review)], Ok(secret())), &request(&["platform"], None, &[])).await;
    assert!(refused.contains("AlarmEmail"), "{refused}");
}

#[test]
fn a_secret_counts_if_it_has_a_value_and_stays() {
    let lack = |answer| lacking_key(GATEWAY_KEY, answer).unwrap().map(|Lack(what)| what).unwrap_or_default();
    assert_eq!(lack(Ok(secret())), "");
    let mut deleted = secret();
    deleted["DeletedDate"] = json!("2026-12-01T09:00:00.000000+00:00");
    assert!(lack(Ok(deleted)).contains("aws secretsmanager restore-secret --secret-id oms/prod/gateway-key"));
    let mut empty = secret();
    empty["VersionIdsToStages"] = json!({});
    assert!(lack(Ok(empty)).contains("aws secretsmanager put-secret-value --secret-id oms/prod/gateway-key"));
    assert!(lack(denied()).ends_with("allow this role secretsmanager:DescribeSecret"));
    assert!(lacking_key(GATEWAY_KEY, Err(AwsError::NoAnswer("timeout".to_owned()))).is_err());
}

/// An expression of a rule, with the values of its parameters.
fn evaluate(expression: &Value, value: &dyn Fn(&str) -> Value) -> Value {
    let members = expression.as_object().into_iter().flatten().next();
    match members.map(|(name, argument)| (name.as_str(), argument)) {
        Some(("Ref", name)) => value(name.as_str().unwrap()),
        Some(("Fn::Equals", pair)) => json!(evaluate(&pair[0], value) == evaluate(&pair[1], value)),
        Some(("Fn::Not", one)) => json!(evaluate(&one[0], value) == json!(false)),
        Some((other, _)) => panic!("the rules use {other}"),
        None => expression.clone(),
    }
}

/// Whether a template's rules take these values, as CloudFormation evaluates `Rules`.
fn rules_take(file: &str, values: &[(&str, &str)]) -> bool {
    let text = std::fs::read_to_string(Repository::find().unwrap().path(file)).unwrap();
    let template = crate::template::json::parse(&text).unwrap();
    let value = |name: &str| {
        let given = values.iter().find(|(known, _)| *known == name).map(|(_, value)| Value::from(*value));
        given.unwrap_or_else(|| template["Parameters"][name]["Default"].clone())
    };
    let rules = template["Rules"].as_object().unwrap().values();
    let applies = |rule: &&Value| rule.get("RuleCondition").is_none_or(|it| evaluate(it, &value) == true);
    let asserts = rules.filter(applies).flat_map(|rule| rule["Assertions"].as_array().unwrap());
    asserts.map(|it| evaluate(&it["Assert"], &value)).all(|it| it == true)
}

#[test]
fn the_templates_refuse_the_same_without_omsctl() {
    let platform = "platform/stacks/platform.yaml";
    assert!(!rules_take(platform, &[]), "a stage is production unless somebody says otherwise");
    assert!(rules_take(platform, &[("AlarmEmail", "ops@a.example")]));
    assert!(rules_take(platform, &[("Production", "false")]));
    let payments = "services/payments/template.yaml";
    assert!(!rules_take(payments, &[]));
    assert!(rules_take(payments, &[("GatewayUrl", STRIPE)]));
    assert!(rules_take(payments, &[("Production", "false")]));
    let sandbox = "platform/local/sandbox-gateway/template.yaml";
    assert!(!rules_take(sandbox, &[]) && rules_take(sandbox, &[("Production", "false")]));
}
