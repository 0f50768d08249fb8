//! Installing on an emulator that only remembers, and counts the work that it is given.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const STAGE: &str = "local";
const COMPLETE: &str = "UPDATE_COMPLETE";

/// A stack's status and template, by the stack's name.
type Stacks = BTreeMap<String, (&'static str, String)>;

#[derive(Default)]
struct Emulated {
    stacks: Stacks,
    objects: BTreeMap<String, String>,
    /// `upload NAME`, `create STACK`, `update STACK`, as they were asked for.
    work: Vec<String>,
}

/// A checkout with the platform, a service and the registry, and an emulator for them.
struct Stage {
    folder: tempfile::TempDir,
    endpoint: String,
    emulated: Arc<Mutex<Emulated>>,
}

impl Stage {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let emulated = Arc::new(Mutex::new(Emulated::default()));
        let serving = Arc::clone(&emulated);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                answer(connection, &serving).await;
            }
        });
        let stage = Self { folder: tempfile::tempdir().unwrap(), endpoint, emulated };
        for (_, template) in PLATFORM {
            stage.write(template, "Parameters:\n  Stage: { Type: String }\n");
        }
        stage.write("contracts/template.yaml", "Resources: {}\n");
        stage.write("services/orders/template.yaml", "Globals:\n  Function:\n    CodeUri: build/bootstrap.zip\n");
        stage.write("services/orders/build/bootstrap.zip", "code 1");
        stage
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.folder.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Installs everything; returns the work that it took.
    async fn install(&self, parameters: &[(&str, &str)]) -> Vec<String> {
        let repository = Repository::at(self.folder.path());
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let installer = Installer::new(&repository, STAGE, &self.endpoint).await.unwrap();
        installer.everything(&["orders".to_owned(), "contracts".to_owned()], &parameters).await.unwrap();
        let mut work = std::mem::take(&mut self.emulated.lock().unwrap().work);
        work.sort();
        work
    }
}

#[tokio::test]
async fn what_did_not_change_is_neither_uploaded_nor_deployed() {
    let stage = Stage::new().await;
    let created = ["create contracts", "create dead-letters", "create orders", "create platform"];
    assert!(stage.install(&[]).await.starts_with(&created.map(str::to_owned)));
    assert_eq!(stage.install(&[]).await, [""; 0]);
    stage.write("services/orders/build/bootstrap.zip", "code 1");
    assert_eq!(stage.install(&[]).await, [""; 0], "zipped again, to the same zip");
}

#[tokio::test]
async fn changed_code_deploys_its_stack_and_no_other() {
    let stage = Stage::new().await;
    stage.install(&[]).await;
    stage.write("services/orders/build/bootstrap.zip", "code 2");
    let code = format!("upload {}", package::key("orders", b"code 2"));
    assert_eq!(stage.install(&[]).await, ["update orders", code.as_str(), "upload templates/orders.yaml"]);
    assert_eq!(stage.install(&[]).await, [""; 0]);
}

#[tokio::test]
async fn a_changed_template_deploys_its_stack_and_no_other() {
    let stage = Stage::new().await;
    stage.install(&[]).await;
    stage.write("contracts/template.yaml", "Resources: { Schema: {} }\n");
    assert_eq!(stage.install(&[]).await, ["update contracts", "upload templates/contracts.yaml"]);
}

#[tokio::test]
async fn a_changed_parameter_deploys_the_stacks_that_declare_it() {
    let stage = Stage::new().await;
    stage.write("contracts/template.yaml", "Parameters:\n  Kept: { Type: Number, Default: 1 }\n");
    stage.install(&[]).await;
    let expected = ["update contracts", "upload templates/contracts.yaml"];
    assert_eq!(stage.install(&[("Kept", "7"), ("Other", "7")]).await, expected);
    assert_eq!(stage.install(&[("Kept", "7")]).await, [""; 0]);
    assert_eq!(stage.install(&[]).await, expected, "back to the default");
}

#[tokio::test]
async fn an_emulator_that_started_again_gets_everything() {
    let stage = Stage::new().await;
    let first = stage.install(&[]).await;
    *stage.emulated.lock().unwrap() = Emulated::default();
    assert_eq!(stage.install(&[]).await, first);
}

#[tokio::test]
async fn a_stack_that_was_rolled_back_is_deployed_even_if_its_template_is_the_one() {
    let stage = Stage::new().await;
    stage.install(&[]).await;
    let rolled_back =
        |stacks: &mut Stacks| stacks.get_mut("oms-local-contracts").unwrap().0 = "UPDATE_ROLLBACK_COMPLETE";
    rolled_back(&mut stage.emulated.lock().unwrap().stacks);
    assert_eq!(stage.install(&[]).await, ["update contracts", "upload templates/contracts.yaml"]);
}

#[tokio::test]
async fn forced_code_is_deployed_even_if_it_is_the_same() {
    let stage = Stage::new().await;
    stage.install(&[]).await;
    let repository = Repository::at(stage.folder.path());
    let installer = Installer::new(&repository, STAGE, &stage.endpoint).await.unwrap();
    let forced = InstallOptions { force: true, ..InstallOptions::default() };
    assert_eq!(installer.project("orders", &forced).await.unwrap(), Outcome::Updated);
    assert_eq!(installer.project("orders", &InstallOptions::default()).await.unwrap(), Outcome::Updated, "as built");
    assert_eq!(installer.project("orders", &InstallOptions::default()).await.unwrap(), Outcome::Unchanged);
}

/// Answers one request of a connection, then closes it.
async fn answer(mut connection: TcpStream, emulated: &Mutex<Emulated>) {
    let (path, body) = request(&mut connection).await;
    let (status, text) = respond(&mut emulated.lock().unwrap(), &path, &body);
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", text.len());
    connection.write_all((head + &text).as_bytes()).await.unwrap();
}

/// The path and the body of a request.
async fn request(connection: &mut TcpStream) -> (String, String) {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = connection.read(&mut chunk).await.unwrap();
        assert_ne!(read, 0, "half a request");
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut lengths =
            head.lines().filter_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= lengths.next().unwrap_or(0) {
            return (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned());
        }
    }
}

fn respond(emulated: &mut Emulated, path: &str, body: &str) -> (u16, String) {
    if path != "/" {
        let name = path.strip_prefix("/oms-local-artifacts").unwrap().trim_start_matches('/');
        emulated.objects.insert(name.to_owned(), body.to_owned());
        emulated.work.extend((!name.is_empty()).then(|| format!("upload {name}")));
        return (200, String::new());
    }
    let fields: BTreeMap<&str, &str> = body.split('&').filter_map(|field| field.split_once('=')).collect();
    let (action, stack) = (fields["Action"], fields["StackName"].to_owned());
    let name = stack.strip_prefix("oms-local-").unwrap().to_owned();
    let result = match (action, emulated.stacks.get(&stack)) {
        ("DescribeStacks", None) => {
            let error = "<Code>ValidationError</Code><Message>the stack does not exist</Message>";
            return (400, format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"));
        }
        ("DescribeStacks", Some((status, _))) => format!(
            "<Stacks><member><StackName>{stack}</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>\
             <StackStatus>{status}</StackStatus></member></Stacks>"
        ),
        ("GetTemplate", Some((_, template))) => format!("<TemplateBody>{template}</TemplateBody>"),
        ("CreateStack" | "UpdateStack", _) => {
            emulated.work.push(format!("{} {name}", action.trim_end_matches("Stack").to_lowercase()));
            let template = emulated.objects[&format!("templates/{name}.yaml")].clone();
            emulated.stacks.insert(stack, (COMPLETE, template));
            "<StackId>1</StackId>".to_owned()
        }
        _ => panic!("the emulator does not know {action} of {stack}"),
    };
    (200, format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"))
}
