//! What the backend answers.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::attendance::DaySheet;
use domain::task::TaskStatus;
use domain::travel::TravelSource;
use domain::{CommandId, LonLat, ResourceId, TaskId};
use serde::{Deserialize, Serialize};

use super::alerts::{ExplanationView, NoiseView};
use super::fences::FenceFileView;
use super::notifications::{NotificationService, NotificationSettings};
use super::planning::PlanView;
use super::promises::PromiseReportView;
use super::retention::RetentionView;
use super::review::ReviewView;
use super::suggestions::{ChoiceReportView, SuggestionsView};
use super::travel::{EngineTestView, TravelView};
use crate::wire::{Rejection, TrackResponse, WhatIfResponse};

/// What the backend answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "response", content = "body")]
pub enum DeskResponse {
    /// Done (or queued).
    Done,
    /// Done, and can be taken back for a while.
    Undoable {
        /// What to undo.
        command: CommandId,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Who could do a task.
    Suggestions(SuggestionsView),
    /// How well promises were kept.
    PromiseReport(Box<PromiseReportView>),
    /// How often suggestions were followed.
    ChoiceReport(Box<ChoiceReportView>),
    /// A plan of a day beside the present one.
    Plan(Box<PlanView>),
    /// Moves of a plan were made.
    PlanApplied {
        /// Tasks that move.
        moved: u32,
        /// Tasks that stay, since somebody has touched them meanwhile, and why.
        kept: Vec<(TaskId, Rejection)>,
        /// Tasks whose move could not be stored, wholly or in part: it can be made again.
        failed: Vec<TaskId>,
        /// Until when it can be taken back.
        until: DateTime<Utc>,
    },
    /// Moves of a plan were taken back.
    PlanUndone {
        /// Tasks that went back.
        moved: u32,
        /// Tasks that stay, since somebody has touched them meanwhile.
        kept: Vec<TaskId>,
        /// Tasks that stay, since their way back could not be stored: they can be taken back again.
        failed: Vec<TaskId>,
    },
    /// Where travel times come from.
    Travel(Box<TravelView>),
    /// What an engine said.
    EngineTest(EngineTestView),
    /// A way.
    Route(RouteView),
    /// A track.
    Track(TrackResponse),
    /// Contact data.
    Contact {
        /// Phone number.
        phone: String,
        /// E-mail address.
        email: String,
    },
    /// A day.
    DaySheet(Box<DaySheet>),
    /// Figures.
    Figures(FiguresView),
    /// All preferences.
    Preferences(Vec<(String, String)>),
    /// What a command is up against.
    Review(Box<ReviewView>),
    /// A file was written.
    Saved {
        /// Its whole path.
        path: String,
    },
    /// A damaged queue was read as far as it could be.
    Salvaged {
        /// Commands that are in the new queue.
        kept: u32,
        /// Places that could not be read.
        lost: u32,
        /// Where the damaged file is now.
        aside: String,
    },
    /// Text for the clipboard.
    Text(String),
    /// How long data is kept.
    Retention(RetentionView),
    /// Why something fired, or nothing did.
    Explanation(Box<ExplanationView>),
    /// How much noise each rule makes, noisiest first.
    Noise(Vec<NoiseView>),
    /// What a fence would have said.
    WhatIf(WhatIfResponse),
    /// What was read of a file of fences.
    FenceFile(Box<FenceFileView>),
    /// What this user wants to be told, and what the desktop can do.
    Notifications {
        /// The settings.
        settings: Box<NotificationSettings>,
        /// The service that shows them.
        service: NotificationService,
    },
}

/// A way along roads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteView {
    /// Its points.
    pub points: Vec<LonLat>,
    /// Seconds to drive.
    pub duration_secs: u32,
    /// Metres.
    pub distance_m: f64,
    /// Where the travel time comes from; only along roads are the points more than its ends.
    pub source: TravelSource,
}

/// Today at a glance, as of the cached data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FiguresView {
    /// The local day meant.
    pub day: NaiveDate,
    /// Its zone.
    pub zone: Tz,
    /// As of when the data is (last proof of freshness).
    pub as_of: Option<DateTime<Utc>>,
    /// Tasks of today by status, in the contract's order, zeros left out.
    pub tasks_by_status: Vec<(TaskStatus, u32)>,
    /// Closed today.
    pub closed: u32,
    /// Not done or declined today.
    pub not_done: u32,
    /// Will miss, or have missed, their window.
    pub late: Vec<TaskId>,
    /// Nobody has them.
    pub unassigned: u32,
    /// Closed per day over the last seven days, oldest first.
    pub closed_per_day: Vec<(NaiveDate, u32)>,
    /// Open bids.
    pub open_bids: u32,
    /// Lines of the alert list that nobody has looked at; a storm is one.
    pub new_alerts: u32,
    /// Signed in.
    pub people_in: u32,
    /// Should be in.
    pub people_late: u32,
    /// All.
    pub people: u32,
    /// Closed today, by resource, most first.
    pub by_resource: Vec<(ResourceId, u32)>,
}
