//! What customers do with their addresses, through the deployed API, and which mail reaches one.

use jiff::Timestamp;
use notifications::domain::cap::{Counted, hour};
use notifications::domain::confirmation::{Secret, Token};
use notifications::domain::contact::{Contact, Pending};
use notifications::domain::ids::CustomerId;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use testkit::contract::sample;
use testkit::{Capture, Stage, event, eventually, unique};

use super::{Case, ME, contacts, logs, mails_to};

const CONFIRMATION: &str = "/v1/contacts/confirmation";

/// A demo user at the API. Its ID token says that its address is verified: its name at example.com.
struct User {
    stage: Stage,
    name: &'static str,
}

impl User {
    async fn new(name: &'static str) -> Self {
        Self { stage: Stage::from_env().await, name }
    }

    fn id(&self) -> CustomerId {
        CustomerId::new(self.stage.customer(self.name)).unwrap()
    }

    async fn put(&self, body: Value) -> Response {
        self.stage.request(self.name, Method::PUT, "notifications", ME).json(&body).send().await.unwrap()
    }

    /// The status of leaving this address, and the contact afterwards.
    async fn leave(&self, email: &str) -> (u16, Value) {
        read(self.put(json!({ "email": email })).await).await
    }

    async fn shown(&self) -> Value {
        read(self.stage.request(self.name, Method::GET, "notifications", ME).send().await.unwrap()).await.1
    }

    async fn forget(&self) -> StatusCode {
        self.stage.request(self.name, Method::DELETE, "notifications", ME).send().await.unwrap().status()
    }

    /// An order of this user is cancelled.
    fn cancelled(&self, order: &str) -> Value {
        let changes = [("/subject", json!(order)), ("/data/orderId", json!(order))];
        let customer = [("/data/customerId", json!(self.id().as_str())), ("/data/reason", json!("OUT_OF_STOCK"))];
        event(&sample("OrderCancelled.v1"), &[changes, customer].concat())
    }

    /// The token of the latest link that was sent to an address.
    async fn token_sent_to(&self, address: &str) -> Token {
        let mails = mails_to(&self.stage, address).await;
        let text = mails.last().unwrap()["BodyText"].as_str().unwrap().to_owned();
        let link = text.lines().find(|line| line.starts_with("http")).unwrap();
        let (page, token) = link.split_once("?token=").unwrap();
        assert_eq!(page, format!("{}{CONFIRMATION}", self.stage.text("/services/notifications/api")));
        Token::parse(token).unwrap()
    }

    /// Presses the button of the link's page: status and page.
    async fn press(&self, token: &str) -> (u16, String) {
        let request = self.stage.request("nobody", Method::POST, "notifications", CONFIRMATION);
        let response = request.form(&[("token", token)]).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

async fn read(response: Response) -> (u16, Value) {
    assert_eq!(response.headers()["cache-control"], "no-store");
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn problem(response: Response) -> (u16, String) {
    let (status, problem) = (response.status().as_u16(), response.json::<Value>().await.unwrap());
    (status, problem["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned())
}

/// Thirty orders of an unknown sku sent 31 mails to the address of somebody who had nothing to do with them.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_its_owner_has_not_confirmed_gets_nothing_but_the_question() {
    let bob = User::new("bob").await;
    let (capture, victim) = (Capture::begin(&bob.stage).await, format!("{}@example.org", unique("victim")));
    let (status, contact) = bob.leave(&victim).await;
    assert_eq!((status, &contact["confirmed"], &contact["pending"]["email"]), (202, &json!(false), &json!(victim)));
    let orders: Vec<String> = (0..30).map(|_| chassis::clock::new_id("ord_")).collect();
    bob.stage.publish(&orders.iter().map(|order| bob.cancelled(order)).collect::<Vec<_>>()).await;
    for order in &orders {
        let failed = capture.wait_for(order, "NotificationFailed.v1").await;
        assert_eq!(failed["data"]["reason"], "UNCONFIRMED");
    }
    let subjects: Vec<Value> = mails_to(&bob.stage, &victim).await.iter().map(|mail| mail["Subject"].clone()).collect();
    assert_eq!(subjects, ["Please confirm your e-mail address"]);

    // It is not asked again and again; an hour may begin meanwhile.
    let mut asked = 1;
    let refused = loop {
        let answer = bob.put(json!({ "email": victim })).await;
        if answer.status() != StatusCode::ACCEPTED {
            break answer;
        }
        asked += 1;
        assert!(asked <= 2 * 3, "it was asked {asked} times");
    };
    assert!(asked >= 3 && refused.headers().contains_key("retry-after"), "{asked}");
    assert_eq!((refused.status(), mails_to(&bob.stage, &victim).await.len()), (StatusCode::TOO_MANY_REQUESTS, asked));
    let latest = bob.token_sent_to(&victim).await;
    assert_eq!(bob.press(&latest.reveal()).await.0, 200, "what was sent still works");
    assert_eq!(bob.forget().await, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_confirms_when_its_button_is_pressed_once_and_in_time() {
    let olga = User::new("olga").await;
    let capture = Capture::begin(&olga.stage).await;
    let [first, second] = ["canary-first", "canary-second"].map(|name| format!("{}@example.org", unique(name)));
    assert_eq!(olga.leave(&first).await.0, 202);
    let token = olga.token_sent_to(&first).await;

    // What scans mail opens every link in it, more than once.
    for _ in 0..2 {
        let path = format!("{CONFIRMATION}?token={}", token.reveal());
        let page = olga.stage.request("nobody", Method::GET, "notifications", &path).send().await.unwrap();
        assert_eq!(
            (page.status(), &page.headers()["referrer-policy"]),
            (StatusCode::OK, &"no-referrer".parse().unwrap())
        );
        assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        let html = page.text().await.unwrap();
        assert!(html.contains(r#"<form method="post" action="confirmation">"#) && !html.contains('@'), "{html}");
    }
    assert_eq!(olga.shown().await["confirmed"], false);

    let (status, not_valid) = olga.press("").await;
    assert_eq!(status, 404);
    let other = |customer: &str, secret| Token { customer: CustomerId::new(customer).unwrap(), secret }.reveal();
    let guessed = other(olga.id().as_str(), Secret::new([0; 32]));
    for wrong in
        [other(olga.stage.customer("sam"), token.secret.clone()), other("unknown", token.secret.clone()), guessed]
    {
        assert_eq!(olga.press(&wrong).await, (404, not_valid.clone()));
    }
    assert_eq!(olga.press(&token.reveal()).await.0, 200);
    let shown = olga.shown().await;
    assert_eq!((&shown["email"], &shown["confirmedBy"]), (&json!(first), &json!("LINK")));
    assert_eq!(olga.press(&token.reveal()).await, (404, not_valid.clone()), "it was used");

    // The confirmed address stays in use until the other one is confirmed, and a link does not wait for ever.
    let (status, contact) = olga.leave(&second).await;
    assert_eq!((status, &contact["email"], &contact["confirmed"]), (202, &json!(first), &json!(true)));
    let late = olga.token_sent_to(&second).await;
    grow_old(&olga).await;
    assert_eq!(olga.press(&late.reveal()).await, (404, not_valid));
    let order = chassis::clock::new_id("ord_");
    olga.stage.publish(&[olga.cancelled(&order)]).await;
    capture.wait_for(&order, "NotificationSent.v1").await;
    assert_eq!((mails_to(&olga.stage, &first).await.len(), mails_to(&olga.stage, &second).await.len()), (2, 1));
    assert_eq!(olga.forget().await, StatusCode::NO_CONTENT);

    let (secret, logged) = (token.reveal(), logs(&olga.stage).await);
    let secret = secret.split_once('.').unwrap().1;
    assert!(logged.contains(olga.id().as_str()) && !logged.contains(secret) && !logged.contains("canary-first"));
}

/// The link that was asked for has worked for a day.
async fn grow_old(user: &User) {
    let (contacts, id) = (contacts(&user.stage), user.id());
    let found = contacts.get(&id).await.unwrap();
    let contact = found.value.unwrap();
    let pending = contact.pending.clone().map(|pending| Pending { until: Timestamp::UNIX_EPOCH, ..pending });
    contacts.save(&id, &found.revision, &Contact { pending, ..contact }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn above_the_cap_of_an_hour_a_mail_is_published_as_not_sent() {
    // The cap of a local stage.
    const CAP: u32 = 1_000_000;
    loop {
        let case = Case::begin().await.with_address().await;
        let (capture, customer, now) =
            (Capture::begin(&case.stage).await, CustomerId::new(&case.customer).unwrap(), chassis::clock::now());
        contacts(&case.stage).count_mails(&customer, Counted::default(), CAP, now).await.unwrap();
        case.stage.publish(&[case.completed()]).await;
        eventually("it is known what became of the mail", || async { capture.about(&case.order).len() == 2 }).await;
        let failed = capture.of_type(&case.order, "NotificationFailed.v1");
        // An hour may have begun meanwhile, whose first mail this was.
        if failed.is_empty() && hour(chassis::clock::now()) != hour(now) {
            continue;
        }
        assert_eq!((&failed[0]["data"]["reason"], case.mails().await.len()), (&json!("RATE_LIMITED"), 0));
        break;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_leaves_changes_and_takes_back_an_address_that_no_other_customer_sees() {
    let ada = User::new("ada").await;
    // The token's own address is confirmed at once, whether it is named or not, and whatever was asked for before.
    assert_eq!(ada.leave("ada@example.org").await.0, 202);
    for body in [json!({ "email": "ada@example.com" }), json!({})] {
        let (status, contact) = read(ada.put(body).await).await;
        assert_eq!(
            (status, &contact["email"], &contact["confirmedBy"]),
            (200, &json!("ada@example.com"), &json!("TOKEN"))
        );
        assert_eq!(contact.get("pending"), None);
    }
    assert_eq!(ada.shown().await["email"], "ada@example.com");

    let sam = ada.stage.request("sam", Method::GET, "notifications", ME).send().await.unwrap();
    assert!(!sam.text().await.unwrap().contains("ada@"));
    let nobody = ada.stage.request("nobody", Method::GET, "notifications", ME).send().await.unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(problem(ada.put(json!({ "email": "ada@example" })).await).await, (422, "/email".into()));
    let long = format!("{}@example.org", "a".repeat(250));
    assert_eq!(problem(ada.put(json!({ "email": long })).await).await, (422, "/email".into()));
    let stray = ada.put(json!({ "email": "ada@example.org", "customerId": "bob" })).await;
    assert_eq!(problem(stray).await, (400, "/customerId".into()));

    for _ in 0..2 {
        assert_eq!(ada.forget().await, StatusCode::NO_CONTENT);
    }
    let gone = ada.stage.request("ada", Method::GET, "notifications", ME).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);

    // Nobody writes to one stranger after the other; an hour may begin meanwhile.
    let mut strangers = Vec::new();
    loop {
        let stranger = format!("{}@example.org", unique("stranger"));
        let (status, _) = problem(ada.put(json!({ "email": stranger })).await).await;
        let mails = mails_to(&ada.stage, &stranger).await.len();
        assert_eq!((status, mails), if status == 202 { (202, 1) } else { (429, 0) });
        if status == 429 {
            break;
        }
        strangers.push(stranger);
        assert!(strangers.len() <= 2 * 3, "{strangers:?}");
    }
    assert!(!strangers.is_empty());
    assert_eq!(read(ada.put(json!({})).await).await.0, 200, "the token's own address needs no mail");
    assert_eq!(ada.forget().await, StatusCode::NO_CONTENT);
}
