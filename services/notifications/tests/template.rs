//! The template does what the code relies on.

use notifications::application::apply_event::LOOK_AGAIN;
use notifications::domain::delivery::LEASE;
use notifications::inbound::Role;
use notifications::inbound::events::HANDLED;
use testkit::contract::declaration;
use testkit::template::Template;

const SERVICE: &str = env!("CARGO_MANIFEST_DIR");

fn template() -> Template {
    Template::read(SERVICE)
}

#[test]
fn the_rule_routes_exactly_what_is_handled() {
    template().routes(&HANDLED);
}

#[test]
fn the_policies_let_out_exactly_what_is_declared() {
    template().lets_out(&declaration(SERVICE));
}

#[test]
fn every_function_plays_a_role_that_the_binary_knows() {
    template().plays::<Role>(&["api", "events", "feedback", "relay"]);
}

#[test]
fn what_is_parked_is_reported() {
    template().reports("EventsFunction");
}

#[test]
fn a_claim_outlasts_the_function_that_made_it() {
    let timeout = template().value()["Globals"]["Function"]["Timeout"].as_i64().unwrap();
    assert!(LEASE.as_secs() > timeout);
}

#[test]
fn a_delivery_that_waits_for_a_claim_looks_again_after_its_end() {
    let receives = template().value()["Parameters"]["MaxReceives"]["MinValue"].as_u64().unwrap();
    assert!((receives - 1) * LOOK_AGAIN.as_secs() >= LEASE.as_secs().unsigned_abs());
}

#[test]
fn only_the_link_of_a_confirmation_mail_needs_no_token() {
    let template = template();
    let routes = template.value()["Resources"].as_mapping().unwrap().values();
    let open = routes.filter(|it| it["Properties"]["AuthorizationType"] == "NONE");
    let mut open: Vec<_> = open.map(|it| it["Properties"]["RouteKey"].as_str().unwrap()).collect();
    open.sort_unstable();
    assert_eq!(open, ["GET /v1/contacts/confirmation", "POST /v1/contacts/confirmation"]);
    for route in open {
        assert!(template.resource("ApiStage")["RouteSettings"][route]["ThrottlingRateLimit"].as_u64() == Some(10));
    }
}

#[test]
fn no_log_of_the_gateway_has_a_query() {
    let template = template();
    let format = template.resource("ApiStage")["AccessLogSettings"]["Format"].as_str().unwrap();
    assert!(format.contains("$context.path") && !format.contains("query"), "{format}");
}

#[test]
fn nothing_streams_addresses_out_of_their_table() {
    let template = template();
    assert!(template.resource("Contacts").get("StreamSpecification").is_none());
    assert!(!template.allowed("RelayRole").contains("Contacts") && template.allowed("ApiRole").contains("Contacts"));
}

/// Both send mail: the queue's role, and the API at the wish of support.
#[test]
fn whoever_sends_mail_tells_operators_of_an_unknown_outcome() {
    let template = template();
    let resources = template.value()["Resources"].as_mapping().unwrap().values();
    let filters = resources.filter(|it| it["Type"] == "AWS::Logs::MetricFilter").map(|it| &it["Properties"]);
    let unknown = filters.filter(|it| it["FilterPattern"] == r#"{ $.error_class = "outcome_unknown" }"#);
    let counted: Vec<_> =
        unknown.map(|it| (&it["LogGroupName"], &it["MetricTransformations"][0]["MetricName"])).collect();
    let counts = |logs| {
        counted
            .iter()
            .any(|(group, metric)| format!("{group:?}").contains(logs) && *metric == "NotificationOutcomeUnknown")
    };
    assert!(counts("EventsLogs") && counts("ApiLogs"), "{counted:?}");
}
