//! Texts for everything that can go wrong: what happened, and the way forward.

use domain::alert::AlertError;
use domain::bid::BidError;
use domain::rule::RuleError;
use domain::task::{AssignError, PromiseError, StepError};
use protocol::view::{DeskError, DeskErrorCode};
use protocol::wire::{DraftError, ErrorCode, Rejection};

use super::{bid_line_text, file_fault_text, status_text, t, tf};

/// What to tell the user about an error.
pub fn error_text(error: &DeskError) -> String {
    let detail = error.detail.as_deref().unwrap_or_default();
    match &error.code {
        DeskErrorCode::Server(code) => server_text(*code).to_owned(),
        DeskErrorCode::Refused(rejection) => rejection_text(rejection),
        DeskErrorCode::ServerVersion => tf("error-server-version", &[("detail", detail)]),
        DeskErrorCode::BadInput => tf("error-bad-input", &[("detail", detail)]),
        DeskErrorCode::KeyStore => tf("error-key-store", &[("detail", detail)]),
        DeskErrorCode::Unreachable => t("error-unreachable").to_owned(),
        DeskErrorCode::BadUrl => t("error-bad-url").to_owned(),
        DeskErrorCode::Tls => t("error-tls").to_owned(),
        DeskErrorCode::NeedsConnection => t("error-needs-connection").to_owned(),
        DeskErrorCode::NotSignedIn => t("error-not-signed-in").to_owned(),
        DeskErrorCode::NothingCached => t("error-nothing-cached").to_owned(),
        DeskErrorCode::QueueNotEmpty => t("error-queue-not-empty").to_owned(),
        DeskErrorCode::TooLateToUndo => t("error-too-late-to-undo").to_owned(),
        DeskErrorCode::Forbidden => t("error-forbidden").to_owned(),
        DeskErrorCode::Private => t("error-private").to_owned(),
        DeskErrorCode::Storage => t("error-storage").to_owned(),
        DeskErrorCode::QueueDamaged => t("error-queue-damaged").to_owned(),
        DeskErrorCode::StorageNewer => t("error-storage-newer").to_owned(),
        DeskErrorCode::FenceFile(fault) => file_fault_text(fault),
        DeskErrorCode::NoDemo => t("error-no-demo").to_owned(),
        DeskErrorCode::Internal => t("error-internal").to_owned(),
    }
}

fn server_text(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::WrongCredentials => t("server-wrong-credentials"),
        ErrorCode::LockedOut => t("server-locked-out"),
        ErrorCode::NotSignedIn => t("server-not-signed-in"),
        ErrorCode::Forbidden => t("server-forbidden"),
        ErrorCode::Fenced => t("server-fenced"),
        ErrorCode::WrongConnectionCode => t("server-wrong-connection-code"),
        ErrorCode::NotFound => t("server-not-found"),
        ErrorCode::BadRequest => t("server-bad-request"),
        ErrorCode::TooLarge => t("server-too-large"),
        ErrorCode::TooManyRequests => t("server-too-many-requests"),
        ErrorCode::Gone => t("server-gone"),
        ErrorCode::Version => t("server-version"),
        ErrorCode::Server => t("server-server"),
        ErrorCode::Unknown => t("server-unknown"),
    }
}

/// Why a command was refused.
pub fn rejection_text(rejection: &Rejection) -> String {
    match rejection {
        Rejection::Step(error) => step_text(*error),
        Rejection::Assign(error) => assign_text(*error),
        Rejection::Bid(error) => bid_text(*error),
        Rejection::Draft(error) => draft_text(*error).to_owned(),
        Rejection::Shape(detail) => tf("refused-shape", &[("detail", detail)]),
        Rejection::Alert(error) => alert_text(*error).to_owned(),
        Rejection::Rule(error) => rule_text(*error).to_owned(),
        Rejection::Promise(error) => promise_text(*error).to_owned(),
        Rejection::Choice => t("refused-choice").to_owned(),
        Rejection::Forbidden => t("refused-forbidden").to_owned(),
        Rejection::NotFound => t("refused-not-found").to_owned(),
        Rejection::Exists => t("refused-exists").to_owned(),
        Rejection::ResourceDisabled => t("refused-resource-disabled").to_owned(),
        Rejection::Private => t("refused-private").to_owned(),
        Rejection::Expired => t("refused-expired").to_owned(),
        Rejection::NumberReused => t("refused-number-reused").to_owned(),
        Rejection::Dependency => t("refused-dependency").to_owned(),
    }
}

fn alert_text(error: AlertError) -> &'static str {
    match error {
        AlertError::Resolved => t("refused-alert-resolved"),
        AlertError::SnoozeTime => t("refused-alert-snooze"),
        AlertError::NoteTooLong => t("refused-alert-note"),
    }
}

fn rule_text(error: RuleError) -> &'static str {
    match error {
        RuleError::Name => t("refused-rule-name"),
        RuleError::Limit => t("refused-rule-limit"),
        RuleError::Duration => t("refused-rule-duration"),
        RuleError::Escalation => t("refused-rule-escalation"),
    }
}

/// Why a customer can't be told so.
pub fn promise_text(error: PromiseError) -> &'static str {
    match error {
        PromiseError::Times => t("refused-promise-times"),
        PromiseError::NotExpected => t("refused-promise-not-expected"),
        PromiseError::NotOpen => t("refused-promise-not-open"),
        PromiseError::Text => t("refused-promise-text"),
    }
}

fn step_text(error: StepError) -> String {
    match error {
        StepError::Illegal { from, to } => {
            tf("refused-step", &[("from", &status_text(from)), ("to", &status_text(to))])
        }
        StepError::OfficeOnly { to } => tf("refused-office-only", &[("to", &status_text(to))]),
        StepError::Unassigned => t("refused-unassigned").to_owned(),
    }
}

fn assign_text(error: AssignError) -> String {
    match error {
        AssignError::Started(status) => tf("refused-started", &[("status", &status_text(status))]),
        AssignError::Over(status) => tf("refused-over", &[("status", &status_text(status))]),
    }
}

fn bid_text(error: BidError) -> String {
    match error {
        BidError::Closed => t("refused-bid-closed").to_owned(),
        BidError::Canceled => t("refused-bid-canceled").to_owned(),
        BidError::Expired => t("refused-bid-expired").to_owned(),
        BidError::NotInvited => t("refused-bid-not-invited").to_owned(),
        BidError::NoStandingOffer(line) => tf("refused-bid-no-offer", &[("line", &bid_line_text(line))]),
        BidError::IllegalLine { from, to } => {
            tf("refused-bid-line", &[("from", &bid_line_text(from)), ("to", &bid_line_text(to))])
        }
        BidError::NobodyInvited => t("refused-bid-nobody").to_owned(),
        BidError::DeadlinePassed => t("refused-bid-deadline").to_owned(),
    }
}

/// What is wrong with a task's form.
pub fn draft_text(error: DraftError) -> &'static str {
    match error {
        DraftError::Title => t("draft-title"),
        DraftError::TooLong => t("draft-too-long"),
        DraftError::PlannedMinutes => t("draft-planned-minutes"),
        DraftError::Window => t("draft-window"),
        DraftError::Load => t("draft-load"),
    }
}
