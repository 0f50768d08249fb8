use super::*;

fn checkout() -> (tempfile::TempDir, Repository) {
    let folder = tempfile::tempdir().unwrap();
    let projects = ["services/orders", "services/payments", "platform/local/sandbox-gateway", "platform/watcher"];
    for project in projects.into_iter().chain(["contracts"]) {
        fs::create_dir_all(folder.path().join(project)).unwrap();
        fs::write(folder.path().join(project).join("template.yaml"), "").unwrap();
    }
    let repository = Repository::at(folder.path());
    (folder, repository)
}

fn request(parts: &[&str], gateway: Option<Gateway>, watcher: bool) -> Request {
    let parts = parts.iter().map(|name| (*name).to_owned()).collect();
    Request { stage: "prod".to_owned(), parts, gateway, watcher, parameters: BTreeMap::new() }
}

fn deployed(parts: &[&str], gateway: Option<Gateway>, watcher: bool) -> Vec<String> {
    let (_folder, repository) = checkout();
    let parts = select(&all_parts(&repository).unwrap(), &request(parts, gateway, watcher)).unwrap();
    parts.into_iter().map(|part| part.name).collect()
}

#[test]
fn a_whole_stage_comes_in_the_order_in_which_its_parts_need_each_other() {
    let expected = ["platform", "dead-letters", "sandbox-gateway", "orders", "payments", "watcher", "contracts"];
    assert_eq!(deployed(&[], Some(Gateway::Sandbox), true), expected);
    assert_eq!(
        deployed(&[], Some(Gateway::Stripe), false),
        ["platform", "dead-letters", "orders", "payments", "contracts"],
        "a real gateway, and no watcher"
    );
}

#[test]
fn a_named_part_is_deployed_alone() {
    assert_eq!(deployed(&["payments"], None, false), ["payments"]);
    assert_eq!(deployed(&["watcher"], None, false), ["watcher"]);
    assert_eq!(deployed(&["dead-letters", "platform"], None, false), ["platform", "dead-letters"]);
}

#[test]
fn a_part_in_the_place_of_the_stage_is_refused() {
    let (_folder, repository) = checkout();
    let parts = all_parts(&repository).unwrap();
    let error = refuse_part("orders", &parts).unwrap_err().downcast::<WrongArgument>().unwrap();
    assert_eq!(error.to_string(), "orders is a part, not a stage. To deploy it, run `omsctl deploy STAGE orders`");
    assert!(refuse_part("prod", &parts).is_ok());
}

#[test]
fn an_unknown_part_is_an_error_that_lists_the_known_ones() {
    let (_folder, repository) = checkout();
    let parts = all_parts(&repository).unwrap();
    let error = select(&parts, &request(&["order"], None, false)).unwrap_err().downcast::<WrongArgument>().unwrap();
    assert!(error.to_string().starts_with("there is no project order; choose from: platform, dead-letters, "));
    assert!(template_of(&repository, "order").unwrap_err().is::<WrongArgument>(), "as import-retained asks");
}

#[test]
fn a_watcher_that_a_part_alone_would_not_get_is_refused() {
    let (_folder, repository) = checkout();
    let parts = all_parts(&repository).unwrap();
    let error = select(&parts, &request(&["payments"], None, true)).unwrap_err().downcast::<WrongArgument>().unwrap();
    assert_eq!(
        error.to_string(),
        "payments alone would be deployed: leave out watcher=on, or name watcher as a part, too"
    );
    assert_eq!(deployed(&["payments", "watcher"], None, true), ["payments", "watcher"]);
}

#[tokio::test]
async fn a_wrong_name_of_the_stage_is_a_wrong_argument() {
    let (_folder, repository) = checkout();
    let request = Request { stage: "Prod".to_owned(), ..request(&[], None, false) };
    let error = run(&repository, &request).await.unwrap_err().downcast::<WrongArgument>().unwrap();
    assert!(error.to_string().ends_with("begin with a letter (was \"Prod\")"), "{error}");
}

#[test]
fn sam_gets_the_stage_and_the_architecture_of_the_build() {
    let (_folder, repository) = checkout();
    let orders = all_parts(&repository).unwrap().into_iter().find(|part| part.name == "orders").unwrap();
    let given =
        BTreeMap::from([("SenderAddress".to_owned(), "a@b.example".to_owned()), ("Note".to_owned(), "a b".to_owned())]);
    let arguments = arguments("prod", &orders, Architecture::Arm64, &given).join(" ");
    assert!(
        arguments.starts_with("deploy --template-file services/orders/template.yaml --stack-name oms-prod-orders ")
    );
    assert!(arguments.ends_with(
        " --parameter-overrides Stage=prod Emulated=false Architecture=arm64 Note=\"a b\" SenderAddress=a@b.example"
    ));
}

#[test]
fn a_gateway_is_one_of_two() {
    assert_eq!(("sandbox".parse(), "stripe".parse()), (Ok(Gateway::Sandbox), Ok(Gateway::Stripe)));
    assert_eq!("".parse::<Gateway>().unwrap_err(), r#"gateway must be sandbox or stripe (was "")"#);
}

#[test]
fn every_parameter_of_every_template_is_passed_on() {
    let repository = Repository::find().unwrap();
    for (name, file) in templates(&repository).unwrap() {
        let text = fs::read_to_string(repository.path(&file)).unwrap();
        let parsed = template::json::parse(&text).unwrap();
        let known = parsed["Parameters"].as_object().into_iter().flatten();
        let all: BTreeMap<String, String> = known.map(|(parameter, _)| (parameter.clone(), "1".to_owned())).collect();
        assert_eq!(template::declared(&text, &all), all, "{name}");
    }
}
