use super::*;

const ORDERS: &str = "
Parameters:
  Stage: { Type: String, AllowedPattern: '[a-z]+' }
  HoldSeconds: { Type: Number, Default: 900, MinValue: 1, Description: How long. }
  GatewayTimeoutMs: { Type: Number, MinValue: 1000, MaxValue: 12000 }
  LogRetentionDays: { Type: Number, AllowedValues: [1, 30] }
  GatewayUrl:
    Type: String
    AllowedPattern: '(https?://[^\\s/]+\\S*)?'
    ConstraintDescription: an http or https URL
  Accounts: { Type: CommaDelimitedList, AllowedPattern: '([0-9]{12})?' }
  Mode: { Type: String, AllowedValues: ['on', 'off'] }
  Free: { Type: String }
Resources:
  Function: { Type: X, Name: !Sub 'oms-${Stage}' }
";
const PAYMENTS: &str = "Parameters:\n  HoldSeconds: { Type: Number, MaxValue: 100 }\n  Emulated: { Type: String }\n";

fn refusal(name: &str, value: &str) -> Option<String> {
    let mut rules = Rules::default();
    rules.add(ORDERS).unwrap();
    rules.add(PAYMENTS).unwrap();
    let error = rules.check(&BTreeMap::from([(name.to_owned(), value.to_owned())])).err()?;
    Some(error.downcast::<WrongArgument>().unwrap().to_string())
}

#[test]
fn a_value_that_every_template_allows_is_taken() {
    for (name, value) in [
        ("HoldSeconds", "1"),
        ("HoldSeconds", "100"),
        ("GatewayTimeoutMs", "12000"),
        ("LogRetentionDays", "30"),
        ("GatewayUrl", ""),
        ("GatewayUrl", "https://api.example.com/v1?x=1"),
        ("Accounts", "123456789012, 210987654321"),
        ("Mode", "off"),
        ("Free", "what ever"),
    ] {
        assert_eq!(refusal(name, value), None, "{name}={value}");
    }
}

#[test]
fn a_value_that_breaks_a_rule_is_refused_with_its_name_the_rule_and_the_value() {
    for (name, value, expected) in [
        ("HoldSeconds", "-5", r#"HoldSeconds must be a whole number of at least 1 (was "-5")"#),
        ("HoldSeconds", "101", r#"HoldSeconds must be a whole number of at most 100 (was "101")"#),
        ("HoldSeconds", "soon", r#"HoldSeconds must be a whole number of at least 1 (was "soon")"#),
        ("HoldSeconds", "NaN", r#"HoldSeconds must be a whole number of at least 1 (was "NaN")"#),
        ("HoldSeconds", "", r#"HoldSeconds must be a whole number of at least 1 (was "")"#),
        ("GatewayTimeoutMs", "1", r#"GatewayTimeoutMs must be a whole number between 1000 and 12000 (was "1")"#),
        (
            "GatewayTimeoutMs",
            "8000.5",
            r#"GatewayTimeoutMs must be a whole number between 1000 and 12000 (was "8000.5")"#,
        ),
        ("GatewayTimeoutMs", "1e4", r#"GatewayTimeoutMs must be a whole number between 1000 and 12000 (was "1e4")"#),
        ("LogRetentionDays", "30.0", r#"LogRetentionDays must be one of 1, 30 (was "30.0")"#),
        ("LogRetentionDays", "2", r#"LogRetentionDays must be one of 1, 30 (was "2")"#),
        ("GatewayUrl", "not a url", r#"GatewayUrl must be an http or https URL (was "not a url")"#),
        ("GatewayUrl", "https://a\nb", r#"GatewayUrl must be an http or https URL (was "https://a\nb")"#),
        ("Accounts", "1,2", r#"Accounts must be of the form ([0-9]{12})? (was "1,2")"#),
        ("Mode", "maybe", r#"Mode must be one of on, off (was "maybe")"#),
    ] {
        assert_eq!(refusal(name, value).as_deref(), Some(expected));
    }
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest_one() {
    let holds = refusal("HoldSecond", "1").unwrap();
    assert!(holds.contains("has a parameter \"HoldSecond\"; did you mean HoldSeconds?\nIt can be one of: "), "{holds}");
    let nonsense = refusal("Nonsense", "1").unwrap();
    assert!(nonsense.contains("\"Nonsense\"\nIt can be one of: Accounts, Free, "), "{nonsense}");
    assert!(!nonsense.contains("Stage"), "{nonsense}");
}

#[test]
fn what_omsctl_decides_itself_cannot_be_set() {
    for name in ["Stage", "Emulated", "Architecture"] {
        assert!(refusal(name, "x").unwrap().starts_with(&format!("{name} cannot be set: ")));
    }
}

#[test]
fn an_assignment_has_a_name() {
    assert_eq!(assignment("A=b=c").unwrap(), ("A".to_owned(), "b=c".to_owned()));
    assert_eq!(assignment("A=").unwrap(), ("A".to_owned(), String::new()));
    for text in ["", "=", "=1", "A", "A b=1", "--set=1"] {
        assert!(assignment(text).unwrap_err().contains("is not NAME=VALUE"), "{text}");
    }
}

#[test]
fn sam_gets_a_value_with_spaces_or_quotes_as_one() {
    let text = |value| Override("A", value).to_string();
    assert_eq!(text("https://a.example/b"), "A=https://a.example/b");
    assert_eq!([text(""), text("a b"), text("a\"\\b")], [r#"A="""#, r#"A="a b""#, r#"A="a\"\\b""#]);
}

#[test]
fn the_templates_of_this_repository_have_rules_that_can_be_checked() {
    let repository = Repository::find().unwrap();
    let projects = crate::package::deployable(&repository).unwrap();
    let rules = Rules::read(&repository, crate::stacks::templates(&projects)).unwrap();
    for (name, value) in [
        ("GatewayUrl", "not a url"),
        ("AlarmEmail", "nobody"),
        ("SenderAddress", "me@here"),
        ("HoldSeconds", "-5"),
        ("ConsumerAccounts", "12"),
    ] {
        assert!(rules.check(&BTreeMap::from([(name.to_owned(), value.to_owned())])).is_err(), "{name}");
    }
    for (name, value) in [
        ("GatewayUrl", "http://127.0.0.1:4566/x/$default"),
        ("AlarmEmail", "a@b.example"),
        ("ConsumerAccounts", ""),
        ("ApiBase", ""),
    ] {
        rules.check(&BTreeMap::from([(name.to_owned(), value.to_owned())])).unwrap();
    }
}
