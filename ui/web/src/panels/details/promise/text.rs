//! Promises in words.

use domain::task::{MessageState, Promise, PromiseState};
use protocol::view::PromiseRisk;

use crate::format::{day_time, duration};
use crate::state::Desk;
use crate::state::promises::window_text;
use crate::words::{channel_text, t, tf};

/// `Between 10:40 and 10:55`
pub(super) fn said_text(desk: Desk, promise: &Promise) -> String {
    let said = window_text(promise.from, promise.until, desk.zone(), desk.clock.minute());
    let mut letters = said.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `told 10:02 by Camille, by message · message sent 10:03`
pub(super) fn told_text(desk: Desk, promise: &Promise) -> String {
    let time = |at| day_time(at, desk.zone(), desk.clock.minute());
    let told = tf(
        "promise-told",
        &[
            ("time", &time(promise.told_at)),
            ("who", &desk.actor_name(promise.by)),
            ("channel", channel_text(promise.channel)),
        ],
    );
    let message = match promise.message {
        None => return told,
        Some(MessageState::Waiting) => t("message-waiting").to_owned(),
        Some(MessageState::Sent { at }) => tf("message-sent", &[("time", &time(at))]),
        Some(MessageState::Failed { at }) => tf("message-failed", &[("time", &time(at))]),
    };
    format!("{told} · {message}")
}

/// Whether it will be kept.
pub(super) fn risk_text(risk: PromiseRisk) -> String {
    match risk {
        PromiseRisk::Safe => t("risk-safe").to_owned(),
        PromiseRisk::AtRisk { over_secs } => tf("risk-at-risk", &[("duration", &duration(over_secs))]),
        PromiseRisk::Breaking { over_secs } => tf("risk-breaking", &[("duration", &duration(over_secs))]),
        PromiseRisk::Overdue => t("risk-overdue").to_owned(),
        PromiseRisk::Unknown => t("risk-unknown").to_owned(),
    }
}

/// What became of it: its tone for the style sheet, and the words.
pub(super) fn outcome_text(desk: Desk, promise: &Promise) -> (&'static str, String) {
    let time = |at| day_time(at, desk.zone(), desk.clock.minute());
    match promise.state {
        PromiseState::Open => ("idle", String::new()),
        PromiseState::Kept { arrived } => ("good", tf("promise-kept", &[("time", &time(arrived))])),
        PromiseState::Broken { arrived } => {
            let over = duration((arrived - promise.until).num_seconds());
            ("bad", tf("promise-broken", &[("duration", &over), ("time", &time(arrived))]))
        }
        PromiseState::Replaced { at } => ("idle", tf("promise-replaced", &[("time", &time(at))])),
        PromiseState::Void { at } => ("idle", tf("promise-void", &[("time", &time(at))])),
    }
}
