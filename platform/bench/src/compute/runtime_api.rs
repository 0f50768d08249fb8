//! Lambda's Runtime API for one process: what it asks, fails and answers becomes a [`Signal`].

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// What a process has done.
#[derive(Debug)]
pub enum Signal {
    /// It asks for an invocation.
    Polled(Instant),
    /// It has answered one.
    Answered(String),
    /// It could not start, or could not handle one.
    Failed(String),
}

/// One Runtime API, for one process.
pub struct RuntimeApi {
    /// For AWS_LAMBDA_RUNTIME_API.
    pub address: String,
    invocations: mpsc::UnboundedSender<Arc<str>>,
    signals: Receiver<Signal>,
    patience: Duration,
    server: JoinHandle<()>,
}

struct Shared {
    invocations: Mutex<mpsc::UnboundedReceiver<Arc<str>>>,
    signals: SyncSender<Signal>,
}

impl RuntimeApi {
    /// Serves on a free port until it is dropped. A process that is silent for longer than `patience` has failed.
    pub fn start(runtime: &Handle, patience: Duration) -> Result<Self> {
        let (invocations, waiting) = mpsc::unbounded_channel();
        let (signal, signals) = sync_channel(16);
        let shared = Arc::new(Shared { invocations: Mutex::new(waiting), signals: signal });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .route("/2018-06-01/runtime/init/error", post(failed))
            .with_state(shared);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?.to_string();
        let server = runtime.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the Runtime API ended: {error}");
            }
        });
        Ok(Self { address, invocations, signals, patience, server })
    }

    /// Waits until the process asks for an invocation.
    pub fn polled(&self) -> Result<Instant> {
        match self.signal()? {
            Signal::Polled(at) => Ok(at),
            Signal::Answered(body) => bail!("an answer without an invocation: {body}"),
            Signal::Failed(body) => bail!("the process reports an error: {body}"),
        }
    }

    /// Hands out an invocation and waits for the answer.
    pub fn invoke(&self, event: Arc<str>) -> Result<String> {
        self.invocations.send(event).context("the Runtime API has ended")?;
        match self.signal()? {
            Signal::Answered(body) => Ok(body),
            Signal::Polled(_) => bail!("a second poll without an answer"),
            Signal::Failed(body) => bail!("the process reports an error: {body}"),
        }
    }

    fn signal(&self) -> Result<Signal> {
        match self.signals.recv_timeout(self.patience) {
            Ok(signal) => Ok(signal),
            Err(RecvTimeoutError::Timeout) => bail!("nothing from the process for {:?}", self.patience),
            Err(RecvTimeoutError::Disconnected) => bail!("the Runtime API has ended"),
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Invocation = (StatusCode, [(HeaderName, String); 4], String);

async fn next(State(shared): State<Arc<Shared>>) -> Result<Invocation, StatusCode> {
    signal(&shared, Signal::Polled(Instant::now()))?;
    let event = shared.invocations.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let header = HeaderName::from_static;
    let headers = [
        (header("lambda-runtime-aws-request-id"), "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        (header("lambda-runtime-deadline-ms"), deadline()),
        (header("lambda-runtime-invoked-function-arn"), "arn:aws:lambda:us-east-1:000000000000:function:bench".into()),
        (header("lambda-runtime-trace-id"), "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1".into()),
    ];
    Ok((StatusCode::OK, headers, event.to_string()))
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: Lambda's clock")]
fn deadline() -> String {
    (Timestamp::now() + SignedDuration::from_secs(30)).as_millisecond().to_string()
}

async fn answered(State(shared): State<Arc<Shared>>, body: String) -> Result<StatusCode, StatusCode> {
    signal(&shared, Signal::Answered(body))
}

async fn failed(State(shared): State<Arc<Shared>>, body: String) -> Result<StatusCode, StatusCode> {
    signal(&shared, Signal::Failed(body))
}

fn signal(shared: &Shared, signal: Signal) -> Result<StatusCode, StatusCode> {
    shared.signals.try_send(signal).map_err(|_| StatusCode::GONE)?;
    Ok(StatusCode::ACCEPTED)
}
