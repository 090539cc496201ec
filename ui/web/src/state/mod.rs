//! The interface's own picture of the desk: what the backend told, and what the user is looking at.
//!
//! * Rows live in [`Table`]s with one signal per row; lists are memos of ids.
//! * Only [`apply`] changes rows; panels ask through [`Desk::ask`] and see the answer come back as an event.
//! * Everything here is `Copy` and lives as long as the page.

use std::rc::Rc;

use domain::access::Action;
use domain::company::User;
use domain::form::{FormDefinition, Submission};
use domain::place::Poi;
use domain::resource::{Group, Skill};
use domain::rule::LocationRule;
use domain::task::TaskType;
use domain::*;
use leptos::prelude::*;
use protocol::view::*;

mod apply;
pub mod fences;
mod freshness;
pub mod lists;
mod look;
pub mod plan;
pub mod promises;
pub mod queue;
pub mod suggestions;
mod table;
mod toasts;
pub mod triage;

pub use freshness::Freshness;
pub use look::{Dialog, DockTab, Editor, FiguresTab, Look, Page, Revision, RuleChoice, ThemeChoice};
pub use table::Table;
pub use toasts::{Toast, ToastDoes, ToastKind};

use crate::backend::{Backend, Incoming};
use crate::clock::Clock;
use crate::map_link::MapLink;

/// Everything that panels read and change. Provided as a context at the root.
#[derive(Clone, Copy)]
pub struct Desk {
    backend: StoredValue<Rc<dyn Backend>, LocalStorage>,
    /// The shared clock.
    pub clock: Clock,
    /// Whether and as whom somebody is signed in; `None` until the backend has said it.
    pub session: RwSignal<Option<SessionView>>,
    /// How fresh the data is.
    pub connection: RwSignal<Option<ConnectionView>>,
    /// The desktop's notification service; `None` until the backend has said anything.
    pub notifications: RwSignal<Option<NotificationService>>,
    /// Commands on their way or in trouble.
    pub queue: RwSignal<Vec<QueuedCommandView>>,
    /// Whether the first working set has come.
    pub loaded: RwSignal<bool>,
    /// Whether the line to the backend itself is up.
    pub backend_there: RwSignal<bool>,
    /// Rows by kind.
    pub rows: Rows,
    /// What is shown, selected, open.
    pub look: Look,
    /// Alerts as they are worked through.
    pub triage: triage::Triage,
    /// What the desktop tells this user; `None` while it is not known.
    pub telling: RwSignal<Option<NotificationSettings>>,
    /// The planning of a day.
    pub planning: plan::Planning,
    /// Messages in passing.
    pub toasts: RwSignal<Vec<Toast>>,
    /// The way to the map.
    pub map: MapLink,
}

/// Rows by kind.
#[derive(Clone, Copy, Default)]
#[expect(missing_docs, reason = "one table per kind of row")]
pub struct Rows {
    pub groups: Table<GroupId, Group>,
    pub skills: Table<SkillId, Skill>,
    pub task_types: Table<TaskTypeId, TaskType>,
    pub users: Table<UserId, User>,
    pub forms: Table<FormId, FormDefinition>,
    pub resources: Table<ResourceId, ResourceView>,
    pub tasks: Table<TaskId, TaskView>,
    pub bids: Table<BidId, BidView>,
    pub pois: Table<PoiId, Poi>,
    pub alerts: Table<AlertId, AlertView>,
    pub rules: Table<RuleId, LocationRule>,
    pub submissions: Table<SubmissionId, Submission>,
    /// How each resource's dot is drawn, from the position frames.
    pub dots: Table<ResourceId, DotState>,
}

impl Desk {
    /// Connects to the backend and starts listening.
    pub fn start(backend: Rc<dyn Backend>) -> Self {
        let (clock, session, rows) = (Clock::start(), RwSignal::new(None), Rows::default());
        let desk = Self {
            backend: StoredValue::new_local(Rc::clone(&backend)),
            clock,
            session,
            connection: RwSignal::new(None),
            notifications: RwSignal::new(None),
            queue: RwSignal::new(Vec::new()),
            loaded: RwSignal::new(false),
            backend_there: RwSignal::new(true),
            rows,
            triage: triage::Triage::new(rows, session, clock),
            look: Look::new(),
            telling: RwSignal::new(None),
            planning: plan::Planning::new(),
            toasts: RwSignal::new(Vec::new()),
            map: MapLink::new(Rc::clone(&backend)),
        };
        backend.subscribe(Rc::new(move |incoming| match incoming {
            Incoming::Event(event) => desk.apply(*event),
            Incoming::Frame(bytes) => desk.apply_frame(&bytes),
            Incoming::Lost => desk.backend_there.set(false),
            Incoming::Found => desk.backend_there.set(true),
        }));
        desk
    }

    /// The context.
    pub fn here() -> Self {
        expect_context()
    }

    /// Asks the backend and waits for its answer.
    pub async fn request(self, request: DeskRequest) -> Result<DeskResponse, DeskError> {
        let answer = self.backend.with_value(|backend| backend.request(request));
        answer.await
    }

    /// Asks the backend; an error is shown as a toast, an answer that can be undone as one with a button.
    pub fn ask(self, request: DeskRequest) {
        self.ask_then(request, |_| {});
    }

    /// Like [`Desk::ask`], and `then` gets the answer when it is good.
    pub fn ask_then(self, request: DeskRequest, then: impl FnOnce(DeskResponse) + 'static) {
        leptos::task::spawn_local(async move {
            match self.request(request).await {
                Ok(response) => then(response),
                Err(error) => self.say_error(&error),
            }
        });
    }

    /// Who is signed in.
    pub fn signed_in(self) -> Option<SignedInView> {
        self.session.with(|session| match session {
            Some(SessionView::SignedIn(view)) => Some((**view).clone()),
            Some(SessionView::SignedOut { .. } | SessionView::Starting { .. }) | None => None,
        })
    }

    /// Whether the user's role has a right.
    pub fn may(self, action: Action) -> bool {
        self.session.with(
            |session| matches!(session, Some(SessionView::SignedIn(view)) if view.may.contains(&action)),
        )
    }

    /// The company's zone.
    pub fn zone(self) -> chrono_tz::Tz {
        self.session.with(|session| match session {
            Some(SessionView::SignedIn(view)) => view.company.zone,
            Some(SessionView::SignedOut { .. } | SessionView::Starting { .. }) | None => chrono_tz::UTC,
        })
    }

    /// Whether there is no connection to the server now.
    pub fn is_offline(self) -> bool {
        self.connection.with(|connection| {
            let state = connection.as_ref().map(|connection| &connection.state);
            matches!(state, Some(ConnectionState::Offline { .. } | ConnectionState::SignInAgain))
        })
    }

    /// A resource's name; its id's first digits when it is not known here.
    pub fn resource_name(self, id: ResourceId) -> String {
        let row = self.rows.resources.get(id);
        row.map_or_else(|| id.to_string().chars().take(8).collect(), |row| row.card.name.clone())
    }

    /// A task as people call it: `#123 Title`; only its title until the server has numbered it.
    pub fn task_name(self, id: TaskId) -> String {
        match self.rows.tasks.get(id) {
            Some(row) if row.task.number > 0 => format!("#{} {}", row.task.number, row.task.title),
            Some(row) => row.task.title.clone(),
            None => id.to_string().chars().take(8).collect(),
        }
    }

    /// A place's name.
    pub fn poi_name(self, id: PoiId) -> String {
        let row = self.rows.pois.get(id);
        row.map_or_else(|| id.to_string().chars().take(8).collect(), |row| row.name.clone())
    }

    /// A location rule's name.
    pub fn rule_name(self, id: RuleId) -> String {
        let row = self.rows.rules.get(id);
        row.map_or_else(|| id.to_string().chars().take(8).collect(), |row| row.name.clone())
    }

    /// What something is called, whatever it is.
    pub fn subject_name(self, subject: Subject) -> String {
        match subject {
            Subject::Resource(id) => self.resource_name(id),
            Subject::Task(id) => self.task_name(id),
            Subject::Poi(id) => self.poi_name(id),
            Subject::Bid(id) => crate::format::bid_task_name(self, id),
            Subject::Rule(id) => self.rule_name(id),
            Subject::Alert(id) => {
                let row = self.rows.alerts.get(id);
                row.map(|row| crate::format::alert_text(self, &row.alert.kind)).unwrap_or_default()
            }
        }
    }

    /// Who did something.
    pub fn actor_name(self, actor: domain::task::Actor) -> String {
        use domain::task::Actor;
        match actor {
            Actor::Office(user) => self
                .rows
                .users
                .get(user)
                .map_or_else(|| crate::words::t("actor-office").to_owned(), |user| user.name.clone()),
            Actor::Field(resource) => self.resource_name(resource),
            Actor::Server => crate::words::t("actor-server").to_owned(),
        }
    }
}
