//! Imports against recorded answers of AWS, and what they ask for with the templates of this repository.

use crate::aws_cli::recorded::{Recorded, denied, missing};
use crate::stacks;

use super::*;

const ORDERS: &str = "
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String }
  Emulated: { Type: String, Default: 'false' }
  HoldSeconds: { Type: Number, Default: 900 }
Conditions: { OnAws: !Equals [!Ref Emulated, 'false'], Long: !Equals [!Ref HoldSeconds, 900] }
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: RetainExceptOnCreate
    Properties: { TableName: !Sub 'oms-${Stage}-orders', DeletionProtectionEnabled: !If [OnAws, true, false] }
  History:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties: { TableName: !Sub 'oms-${Stage}-order-history' }
  Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub 'oms-${Stage}-orders' } }
Outputs: { TableName: { Value: !Ref Table } }
";

fn checkout(part: &str, template: &str) -> (tempfile::TempDir, Repository) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("services").join(part)).unwrap();
    fs::write(folder.path().join("services").join(part).join("template.yaml"), template).unwrap();
    let repository = Repository::at(folder.path());
    (folder, repository)
}

fn table(name: &str) -> Value {
    json!({ "Table": { "TableName": name, "TableStatus": "ACTIVE", "ItemCount": 12 } })
}

fn no_stack() -> Recorded {
    Recorded::default().when("describe-stacks", json!({}), missing("ValidationError"))
}

fn retained(template: &str) -> Retained {
    Retained::of(&template::parse(template).unwrap(), "prod").unwrap()
}

fn orders_table(retained: &Retained) -> Found {
    let resource = retained.resources.iter().find(|resource| resource.id == "Table").unwrap().clone();
    Found { resource, identifier: "oms-prod-orders".to_owned() }
}

#[tokio::test]
async fn the_change_set_names_each_resource_that_exists_and_has_a_template_of_nothing_else() {
    let retained = retained(ORDERS);
    let found = [orders_table(&retained)];
    let call = create("oms-prod-orders", &retained, &found, "prod");
    assert_eq!((call.service, call.operation), ("cloudformation", "create-change-set"));
    let template: Value = serde_json::from_str(call.input["TemplateBody"].as_str().unwrap()).unwrap();
    assert_eq!(
        template,
        json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": { "Stage": { "Type": "String" }, "Emulated": { "Type": "String", "Default": "false" } },
            "Conditions": { "OnAws": { "Fn::Equals": [{ "Ref": "Emulated" }, "false"] } },
            "Resources": { "Table": {
                "Type": "AWS::DynamoDB::Table",
                "DeletionPolicy": "RetainExceptOnCreate",
                "Properties": {
                    "TableName": { "Fn::Sub": "oms-${Stage}-orders" },
                    "DeletionProtectionEnabled": { "Fn::If": ["OnAws", true, false] },
                },
            } },
        })
    );
    let mut input = call.input;
    input["TemplateBody"].take();
    assert_eq!(
        input,
        json!({
            "StackName": "oms-prod-orders",
            "ChangeSetName": "import-retained",
            "ChangeSetType": "IMPORT",
            "Description": "What outlived the stack before.",
            "TemplateBody": null,
            "Parameters": [
                { "ParameterKey": "Stage", "ParameterValue": "prod" },
                { "ParameterKey": "Emulated", "ParameterValue": "false" },
            ],
            "ResourcesToImport": [{
                "ResourceType": "AWS::DynamoDB::Table",
                "LogicalResourceId": "Table",
                "ResourceIdentifier": { "TableName": "oms-prod-orders" },
            }],
        })
    );
}

#[tokio::test]
async fn each_resource_is_found_by_its_name() {
    let aws = Recorded::default()
        .when("describe-table", json!({ "TableName": "oms-prod-orders" }), Ok(table("oms-prod-orders")))
        .when("describe-table", json!({}), missing("ResourceNotFoundException"))
        .when(
            "get-queue-url",
            json!({ "QueueName": "oms-prod-orders-dlq" }),
            Ok(json!({ "QueueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/oms-prod-orders-dlq" })),
        )
        .when("get-queue-url", json!({}), missing("AWS.SimpleQueueService.NonExistentQueue"))
        .when(
            "list-user-pools",
            json!({}),
            Ok(json!({ "UserPools": [
                { "Id": "eu-central-1_Other", "Name": "oms-staging" },
                { "Id": "eu-central-1_AbC123", "Name": "oms-prod" },
            ] })),
        );
    let resource = |kind, name: &str| Resource { id: "R".to_owned(), kind, name: name.to_owned() };
    for (kind, name, expected) in [
        (Kind::Table, "oms-prod-orders", Some("oms-prod-orders")),
        (Kind::Table, "oms-prod-order-history", None),
        (
            Kind::Queue,
            "oms-prod-orders-dlq",
            Some("https://sqs.eu-central-1.amazonaws.com/123456789012/oms-prod-orders-dlq"),
        ),
        (Kind::Queue, "oms-prod-gone-dlq", None),
        (Kind::UserPool, "oms-prod", Some("eu-central-1_AbC123")),
        (Kind::UserPool, "oms-none", None),
    ] {
        assert_eq!(find(&aws, &resource(kind, name)).await.unwrap().as_deref(), expected, "{name}");
    }
    let hidden = Recorded::default().when("describe-table", json!({}), denied());
    assert!(find(&hidden, &resource(Kind::Table, "oms-prod-orders")).await.is_err(), "hidden is not gone");
    let twice = json!({ "UserPools": [{ "Id": "eu_1", "Name": "oms-prod" }, { "Id": "eu_2", "Name": "oms-prod" }] });
    let error = identifier(Kind::UserPool, "oms-prod", &twice).unwrap_err().to_string();
    assert!(error.contains("2 user pools oms-prod (eu_1, eu_2)"), "{error}");
    let more = json!({ "UserPools": [{ "Id": "eu_3", "Name": "other" }], "NextToken": "x" });
    assert!(identifier(Kind::UserPool, "oms-prod", &more).is_err(), "it may be on a later page");
}

#[tokio::test]
async fn what_was_imported_is_shown_with_the_command_that_completes_the_stack() {
    let (_folder, repository) = checkout("orders", ORDERS);
    let stack = json!({ "Stacks": [{ "StackName": "oms-prod-orders", "StackStatus": "IMPORT_COMPLETE" }] });
    let imported = Recorded::default()
        .when("describe-table", json!({ "TableName": "oms-prod-orders" }), Ok(table("oms-prod-orders")))
        .when("describe-table", json!({}), missing("ResourceNotFoundException"))
        .when("create-change-set", json!({}), Ok(json!({ "Id": "arn", "StackId": "arn" })))
        .when("describe-change-set", json!({}), Ok(json!({ "Status": "CREATE_COMPLETE" })))
        .when("execute-change-set", json!({}), Ok(json!({})))
        .when("describe-stacks", json!({}), Ok(stack));
    let retained = retained(ORDERS);
    let found = [orders_table(&retained)];
    import(&imported, "oms-prod-orders", &retained, &found, "prod").await.unwrap();
    let shown = report(&found, &next("prod", "orders"));
    assert!(shown.contains("Table     AWS::DynamoDB::Table  oms-prod-orders\n"), "{shown}");
    assert!(shown.ends_with("run `just deploy-service orders prod`\n"), "{shown}");
    let exists = run(&imported, &repository, "prod", "orders").await.unwrap_err().to_string();
    assert_eq!(
        exists,
        "oms-prod-orders exists (IMPORT_COMPLETE), so nothing is left for an import; deploy it as usual"
    );
}

#[tokio::test]
async fn an_import_that_could_not_work_is_refused_with_the_next_command() {
    let (_folder, repository) = checkout("orders", ORDERS);
    let none = no_stack().when("describe-table", json!({}), missing("ResourceNotFoundException"));
    let nothing = run(&none, &repository, "prod", "orders").await.unwrap_err();
    assert!(nothing.is::<WrongArgument>());
    assert!(nothing.to_string().ends_with("to deploy it, run `just deploy-service orders prod`"), "{nothing}");
    let rolled_back = json!({ "Stacks": [{ "StackStatus": "ROLLBACK_COMPLETE" }] });
    let rolled_back = Recorded::default().when("describe-stacks", json!({}), Ok(rolled_back));
    let error = run(&rolled_back, &repository, "prod", "orders").await.unwrap_err().to_string();
    assert!(error.contains("aws cloudformation delete-stack --stack-name oms-prod-orders"), "{error}");
    assert!(run(&none, &repository, "prod", "unknown").await.unwrap_err().to_string().contains("choose from: "));
}

#[tokio::test]
async fn a_refused_change_set_says_why() {
    let retained = retained(ORDERS);
    let found = [orders_table(&retained)];
    let reason = "oms-prod-orders already exists in stack arn:aws:cloudformation:x";
    let aws = Recorded::default().when("create-change-set", json!({}), Ok(json!({ "Id": "arn" }))).when(
        "describe-change-set",
        json!({}),
        Ok(json!({ "Status": "FAILED", "StatusReason": reason })),
    );
    let error = import(&aws, "oms-prod-orders", &retained, &found, "prod").await.unwrap_err();
    assert!(error.to_string().ends_with(reason), "{error}");
}

#[test]
fn whatever_outlives_a_stack_of_this_repository_can_be_imported() {
    let repository = Repository::find().unwrap();
    let projects = crate::package::deployable(&repository).unwrap();
    let mut names = Vec::new();
    for file in stacks::templates(&projects) {
        let template = template::parse(&fs::read_to_string(repository.path(&file)).unwrap()).unwrap();
        let retained = Retained::of(&template, "prod").unwrap();
        let ids: Vec<&str> = retained.resources.iter().map(|resource| resource.id.as_str()).collect();
        let size = retained.template(&ids).to_string().len();
        assert!(size < 51_200, "{file}: CloudFormation takes at most 51,200 bytes in a request (was {size})");
        names.extend(retained.resources.into_iter().map(|resource| resource.name));
    }
    for name in ["oms-prod-orders", "oms-prod-contacts", "oms-prod-payments-unsettled-dlq", "oms-prod"] {
        assert!(names.iter().any(|known| known == name), "{name} is not among {names:?}");
    }
}
