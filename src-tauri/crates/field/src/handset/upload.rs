//! What the phone sends next, and what it makes of the answer.

use domain::EntryGuid;
use domain::entry::{Entry, EntryBody};
use domain::position::Fix;
use protocol::field::{EntriesResponse, EntryOutcome, EntryRefusal, PositionsAccepted};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::Handset;

/// Most entries in one request.
const ENTRY_BATCH: usize = 200;
/// Most fixes in one request.
const FIX_BATCH: usize = 500;
/// How many answered entries a radio that sends twice may send again.
const ANSWERED_KEPT: usize = 8;

/// One request's worth.
#[derive(Debug, Clone, PartialEq)]
pub enum Upload {
    /// Location sharing is off (`true`) or on again.
    Privacy(bool),
    /// Reports.
    Entries(Vec<Entry>),
    /// Live tracking.
    Fixes {
        /// The fixes.
        fixes: Vec<Fix>,
        /// Count of all fixes the phone had taken with the last of these.
        up_to: u64,
    },
}

/// The server's answer to an [`Upload`].
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To privacy.
    Privacy,
    /// To entries.
    Entries(EntriesResponse),
    /// To fixes.
    Fixes(PositionsAccepted),
}

/// What became of all that was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Entries stored.
    pub entries_accepted: u64,
    /// Entries that the server had already.
    pub entries_duplicate: u64,
    /// Entries kept without effect.
    pub entries_refused: u64,
    /// Why the first few had no effect.
    pub refusals: Vec<EntryRefusal>,
    /// Fixes stored.
    pub fixes_accepted: u64,
    /// Fixes dropped by the server.
    pub fixes_refused: u64,
    /// Fixes that came while the server knew the resource as private.
    pub fixes_private: u64,
}

impl Tally {
    /// Adds another phone's.
    pub fn add(&mut self, other: &Tally) {
        self.entries_accepted += other.entries_accepted;
        self.entries_duplicate += other.entries_duplicate;
        self.entries_refused += other.entries_refused;
        self.fixes_accepted += other.fixes_accepted;
        self.fixes_refused += other.fixes_refused;
        self.fixes_private += other.fixes_private;
        self.refusals.extend(other.refusals.iter().cloned());
        self.refusals.truncate(20);
    }
}

impl Handset {
    /// What to send now, if anything: privacy first, since it changes what the rest may hold; then reports; then live tracking.
    /// The same again until [`Handset::answered`].
    pub fn next_upload(&self) -> Option<Upload> {
        if let Some(on) = self.privacy_unsent {
            return Some(Upload::Privacy(on));
        }
        if !self.entries.is_empty() {
            return Some(Upload::Entries(self.entry_batch()));
        }
        let fixes: Vec<(u64, Fix)> = self.fixes.iter().take(FIX_BATCH).copied().collect();
        let up_to = fixes.last()?.0;
        Some(Upload::Fixes { fixes: fixes.into_iter().map(|(_, fix)| fix).collect(), up_to })
    }

    /// Whether there is anything to send.
    pub fn has_upload(&self) -> bool {
        self.privacy_unsent.is_some() || !self.entries.is_empty() || !self.fixes.is_empty()
    }

    /// Until all that waits is sent, it goes out of order and twice, as from a phone that comes out of a tunnel.
    pub fn scramble(&mut self, seed: u64) {
        self.scramble = Some(seed);
    }

    /// The server has answered an upload.
    pub fn answered(&mut self, upload: &Upload, answer: Answer) {
        match (upload, answer) {
            (Upload::Privacy(on), Answer::Privacy) => {
                self.privacy_unsent = self.privacy_unsent.filter(|unsent| unsent != on);
            }
            (Upload::Entries(sent), Answer::Entries(response)) => self.entries_answered(sent, response),
            (Upload::Fixes { up_to, .. }, Answer::Fixes(accepted)) => {
                self.fixes_done(*up_to);
                self.tally.fixes_accepted += u64::from(accepted.accepted);
                self.tally.fixes_refused += u64::from(accepted.refused);
                self.tally.fixes_private += u64::from(accepted.private);
            }
            // An answer to something else says nothing; the upload is sent again.
            (Upload::Privacy(_) | Upload::Entries(_) | Upload::Fixes { .. }, _) => {}
        }
        if self.entries.is_empty() {
            self.scramble = None;
        }
    }

    /// The server will never take this upload as it is: reports go with it, or nothing would ever be sent again.
    pub fn refused_for_good(&mut self, upload: &Upload) {
        match upload {
            Upload::Privacy(_) => self.privacy_unsent = None,
            Upload::Entries(sent) => {
                self.entries.retain(|entry| sent.iter().all(|gone| gone.guid != entry.guid));
                self.tally.entries_refused += sent.len() as u64;
            }
            Upload::Fixes { up_to, fixes } => {
                self.fixes_done(*up_to);
                self.tally.fixes_refused += fixes.len() as u64;
            }
        }
    }

    fn entry_batch(&self) -> Vec<Entry> {
        let mut batch: Vec<Entry> = self.entries.iter().take(ENTRY_BATCH).cloned().collect();
        if let Some(seed) = self.scramble {
            let twice: Vec<Entry> = self.answered.iter().chain(&batch).cloned().collect();
            batch.extend(twice);
            batch.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        }
        batch
    }

    fn entries_answered(&mut self, sent: &[Entry], response: EntriesResponse) {
        self.answers += 1;
        for (entry, outcome) in sent.iter().zip(response.outcomes) {
            match outcome {
                EntryOutcome::Accepted { .. } => self.tally.entries_accepted += 1,
                EntryOutcome::Duplicate { .. } => self.tally.entries_duplicate += 1,
                EntryOutcome::Refused { reason, .. } => {
                    self.tally.entries_refused += 1;
                    if self.tally.refusals.len() < ANSWERED_KEPT {
                        self.tally.refusals.push(reason);
                    }
                }
            }
            self.settle(entry.guid);
        }
    }

    /// An entry is answered, whatever the answer: it need not be sent again.
    fn settle(&mut self, guid: EntryGuid) {
        let Some(index) = self.entries.iter().position(|entry| entry.guid == guid) else { return };
        let Some(entry) = self.entries.remove(index) else { return };
        match &entry.body {
            EntryBody::Task { task, .. } => _ = self.stepped.insert(*task, self.answers),
            EntryBody::Location => self.sync.location_requested = false,
            EntryBody::Attendance { .. }
            | EntryBody::Form { .. }
            | EntryBody::BidResponse { .. }
            | EntryBody::AppOpened
            | EntryBody::FullSync
            | EntryBody::Sos => {}
        }
        self.answered.push_back(entry);
        if self.answered.len() > ANSWERED_KEPT {
            self.answered.pop_front();
        }
    }

    fn fixes_done(&mut self, up_to: u64) {
        while self.fixes.front().is_some_and(|(taken, _)| *taken <= up_to) {
            self.fixes.pop_front();
        }
    }
}
