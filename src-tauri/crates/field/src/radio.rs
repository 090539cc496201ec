//! What carries a phone's uploads: one at a time, in its turn, again after a failure.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::api::{ApiError, FieldApi};
use crate::clock::Clock;
use crate::handset::{Answer, Handset, Upload};
use crate::phone::send;
use crate::rate::Rate;

/// Pauses after failures double up to this.
const LONGEST_PAUSE_SECS: i64 = 10;

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A phone's radio.
pub(crate) struct Radio {
    pub api: FieldApi,
    pub rate: Arc<Rate>,
    pub clock: Clock,
    state: State,
    failures: u32,
    not_before: Option<DateTime<Utc>>,
    pub requests: u64,
    pub failed_requests: u64,
    /// The office has taken the phone off the list, or speaks another version.
    pub is_dead: bool,
}

enum State {
    Idle,
    /// Waits for its turn; what is sent is taken from the phone only then.
    Queued(Boxed<()>),
    Sending(Boxed<(Upload, Result<Answer, ApiError>)>),
}

impl Radio {
    pub fn new(api: FieldApi, rate: Arc<Rate>, clock: Clock) -> Self {
        Radio {
            api,
            rate,
            clock,
            state: State::Idle,
            failures: 0,
            not_before: None,
            requests: 0,
            failed_requests: 0,
            is_dead: false,
        }
    }

    /// Whether a pause after a failure is over.
    pub fn may_send(&self, now: DateTime<Utc>) -> bool {
        !self.is_dead && self.not_before.is_none_or(|start| now >= start)
    }

    /// Breaks off what is being sent; the phone still has it.
    pub fn hang_up(&mut self) {
        self.state = State::Idle;
    }

    /// Sends the phone's next upload and hands over the answer; never ends while there is nothing to send or a pause is on. May be
    /// dropped and called again at any time.
    pub async fn work(&mut self, handset: &mut Handset) {
        loop {
            match &mut self.state {
                State::Idle => {
                    if !handset.has_upload() || !self.may_send((self.clock)()) {
                        std::future::pending::<()>().await;
                    }
                    let rate = self.rate.clone();
                    self.state = State::Queued(Box::pin(async move { rate.acquire().await }));
                }
                State::Queued(turn) => {
                    turn.await;
                    self.state = self.begin(handset);
                }
                State::Sending(answer) => {
                    let (upload, result) = answer.await;
                    self.state = State::Idle;
                    return self.on_answer(handset, &upload, result);
                }
            }
        }
    }

    /// A call went well.
    pub fn on_success(&mut self) {
        (self.failures, self.not_before) = (0, None);
    }

    /// A call failed: pause, or stop for good.
    pub fn on_failure(&mut self, error: &ApiError) {
        self.failed_requests += 1;
        if matches!(error, ApiError::Wiped | ApiError::OtherVersion) {
            self.is_dead = true;
            return;
        }
        self.failures = (self.failures + 1).min(8);
        let mut pause_secs = (1i64 << (self.failures - 1)).min(LONGEST_PAUSE_SECS);
        if let ApiError::Busy { retry_after_secs } = error {
            pause_secs = pause_secs.max(i64::try_from(*retry_after_secs).unwrap_or(LONGEST_PAUSE_SECS));
        }
        self.not_before = Some((self.clock)() + TimeDelta::seconds(pause_secs));
    }

    fn begin(&mut self, handset: &Handset) -> State {
        let Some(upload) = handset.next_upload() else { return State::Idle };
        self.requests += 1;
        let (api, clock, battery) = (self.api.clone(), self.clock.clone(), handset.battery_percent());
        State::Sending(Box::pin(async move {
            let result = send(&api, &upload, battery, &clock).await;
            (upload, result)
        }))
    }

    fn on_answer(&mut self, handset: &mut Handset, upload: &Upload, result: Result<Answer, ApiError>) {
        match result {
            Ok(answer) => {
                self.on_success();
                handset.answered(upload, answer);
            }
            Err(ApiError::Refused { status, text }) => {
                tracing::warn!(resource = %handset.id(), status, text, "an upload was refused");
                handset.refused_for_good(upload);
            }
            Err(error) => self.on_failure(&error),
        }
    }
}
