//! Mistakes that the model has to notice. None of them is a switch in the product: each is made by the world around the core, which
//! hands it a bent view of things or keeps its promises badly, so that the core under test is the one that ships.

use protocol::wire::{Command, CommandOutcome, LiveFrame};
use sync::{Call, CallError, Input, Reply, Request};

use super::stores::StoreMistake;

/// One mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// The server keeps no receipts: a retry is done again.
    NoReceipts,
    /// The server drops receipts after a while, whatever the desk has acknowledged.
    ReceiptsExpireByAge,
    /// Wake-ups that would find a request unanswered or a socket silent for too long don't reach the core.
    NoWatchdog,
    /// A frame always seems to link to where the reader stands.
    NoPrevCheck,
    /// The core never hears that its history is gone.
    GoneIgnored,
    /// The core takes the feed's head for the end of the page.
    CursorIsHead,
    /// A swap leaves rows that the snapshot does not have.
    SnapshotMerged,
    /// A crash loses the rows of the last write of the cache, but not its cursor.
    CursorApartFromData,
    /// A retry goes out under another number.
    NewNumberOnRetry,
    /// The screen drops a command when the server has done it, before the feed shows it.
    OverlayDroppedAtAck,
    /// The server takes two desks with one identity for one.
    CloneNotFenced,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Mutant; 11] = [
        Mutant::NoReceipts,
        Mutant::ReceiptsExpireByAge,
        Mutant::NoWatchdog,
        Mutant::NoPrevCheck,
        Mutant::GoneIgnored,
        Mutant::CursorIsHead,
        Mutant::SnapshotMerged,
        Mutant::CursorApartFromData,
        Mutant::NewNumberOnRetry,
        Mutant::OverlayDroppedAtAck,
        Mutant::CloneNotFenced,
    ];

    /// As it is reported.
    pub fn name(self) -> &'static str {
        match self {
            Mutant::NoReceipts => "no-receipts",
            Mutant::ReceiptsExpireByAge => "receipts-expire-by-age",
            Mutant::NoWatchdog => "no-watchdog",
            Mutant::NoPrevCheck => "no-prev-check",
            Mutant::GoneIgnored => "gone-ignored",
            Mutant::CursorIsHead => "cursor-is-head",
            Mutant::SnapshotMerged => "snapshot-merged",
            Mutant::CursorApartFromData => "cursor-apart-from-data",
            Mutant::NewNumberOnRetry => "new-number-on-retry",
            Mutant::OverlayDroppedAtAck => "overlay-dropped-at-ack",
            Mutant::CloneNotFenced => "clone-not-fenced",
        }
    }

    /// How the cache keeps its promises under it.
    pub fn store(self) -> StoreMistake {
        match self {
            Mutant::SnapshotMerged => StoreMistake::MergesSwaps,
            Mutant::CursorApartFromData => StoreMistake::TearsWrites,
            Mutant::NoReceipts
            | Mutant::ReceiptsExpireByAge
            | Mutant::NoWatchdog
            | Mutant::NoPrevCheck
            | Mutant::GoneIgnored
            | Mutant::CursorIsHead
            | Mutant::NewNumberOnRetry
            | Mutant::OverlayDroppedAtAck
            | Mutant::CloneNotFenced => StoreMistake::None,
        }
    }

    /// What reaches the core of an input; `stands_at` is its stored cursor.
    pub fn bend_input(self, input: Input, stands_at: Option<protocol::wire::Cursor>) -> Option<Input> {
        match (self, input) {
            (Mutant::NoPrevCheck, Input::Live { id, frame }) => {
                Some(Input::Live { id, frame: Box::new(linked(*frame, stands_at)) })
            }
            (Mutant::GoneIgnored, input) => Some(input).filter(|input| !says_gone(input)),
            (Mutant::CursorIsHead, Input::Answered { id, result: Ok(Reply::Changes(mut page)) }) => {
                page.to = page.head;
                Some(Input::Answered { id, result: Ok(Reply::Changes(page)) })
            }
            (_, input) => Some(input),
        }
    }

    /// What reaches the server of a request.
    pub fn bend_request(self, request: &mut Request, is_retry: impl Fn(&Command) -> bool) {
        if let (Mutant::NewNumberOnRetry, Call::Commands { commands, .. }) = (self, &mut request.call) {
            for command in commands.iter_mut().filter(|command| is_retry(command)) {
                command.n += RENUMBERED;
            }
        }
    }

    /// Undoes [`bend_request`](Self::bend_request) in the answer.
    pub fn bend_outcomes(self, outcomes: &mut [CommandOutcome]) {
        if self == Mutant::NewNumberOnRetry {
            outcomes.iter_mut().for_each(|outcome| outcome.n %= RENUMBERED);
        }
    }
}

const RENUMBERED: u64 = 1_000_000;

fn linked(frame: LiveFrame, stands_at: Option<protocol::wire::Cursor>) -> LiveFrame {
    match (frame, stands_at) {
        (LiveFrame::Change { cursor, items, .. }, Some(prev)) => LiveFrame::Change { prev, cursor, items },
        (frame, _) => frame,
    }
}

fn says_gone(input: &Input) -> bool {
    match input {
        Input::Live { frame, .. } => matches!(**frame, LiveFrame::Gone { .. }),
        Input::Answered { result: Err(CallError::Status { status: 410, .. }), .. } => true,
        _ => false,
    }
}
