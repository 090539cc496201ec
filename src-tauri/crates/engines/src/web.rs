//! The network: one question, one bounded answer, in bounded time.
//!
//! A runtime of its own does the waiting: questions come from plain threads, which only wait for their answer, whatever runtime
//! they were started from.

use std::error::Error;
use std::sync::mpsc;
use std::time::Duration;

use protocol::view::EngineFault;
use reqwest::{Client, Response};
use tokio::runtime::{Builder, Runtime};

use crate::dialect::{Answer, Request};

/// A table of 100 × 100 takes some 200 kB, a way across a continent some 2 MB.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

pub(crate) struct Web {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    client: Client,
}

impl Web {
    /// `is_plain`: nothing of it is encrypted, so it goes to this machine and through no proxy.
    pub fn new(is_plain: bool) -> Result<Self, EngineFault> {
        // A redirect would carry positions to another address.
        let builder = Client::builder().redirect(reqwest::redirect::Policy::none());
        let builder = if is_plain { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|error| unusable(&error))?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("engine")
            .enable_all()
            .build()
            .map_err(|error| unusable(&error))?;
        Ok(Self { runtime: Some(runtime), client })
    }

    /// Waits for the answer, but never longer than `timeout`.
    pub fn ask(&self, request: Request, timeout: Duration) -> Result<Answer, EngineFault> {
        let Some(runtime) = &self.runtime else { return Err(EngineFault::Unreachable) };
        let (tell, told) = mpsc::sync_channel(1);
        let client = self.client.clone();
        runtime.spawn(async move {
            let answer = tokio::time::timeout(timeout, fetch(client, request)).await;
            // Whoever asked waits below.
            let _ = tell.send(answer.unwrap_or(Err(EngineFault::TimedOut)));
        });
        told.recv().unwrap_or(Err(EngineFault::Unreachable))
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        // The last owner may be a task of another runtime, where waiting for this one to end would panic.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn fetch(client: Client, request: Request) -> Result<Answer, EngineFault> {
    let asked = match &request.body {
        Some(body) => client.post(request.url).json(body),
        None => client.get(request.url),
    };
    let response = asked.send().await.map_err(|error| fault(&error))?;
    let status = response.status().as_u16();
    Ok(Answer { status, body: body(response).await? })
}

async fn body(mut response: Response) -> Result<Vec<u8>, EngineFault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fault(&error))? {
        if body.len() + chunk.len() > LARGEST_BODY {
            return Err(EngineFault::Nonsense);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What a failed request means. The error's text names the address, so it is not kept.
fn fault(error: &reqwest::Error) -> EngineFault {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let mut causes = causes.map(|cause| cause.is::<std::io::Error>());
    if error.is_timeout() {
        EngineFault::TimedOut
    } else if error.is_connect() || causes.any(|is_io| is_io) {
        EngineFault::Unreachable
    } else {
        EngineFault::Nonsense
    }
}

fn unusable(error: &dyn Error) -> EngineFault {
    tracing::error!(%error, "this machine gives no means to ask an engine");
    EngineFault::Unreachable
}
