//! What the user is looking at.

use domain::{BidId, LonLat, PoiId, ResourceId, TaskId};
use leptos::prelude::*;
use protocol::view::Subject;
use protocol::wire::{TaskDraft, TaskField};

use super::fences::Fences;

/// The pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// Map, resources, tasks: the dispatcher's.
    Desk,
    /// Who is in: the supervisor's.
    Attendance,
    /// Today's figures: the manager's.
    Figures,
    /// What waits for the server, and what needs a decision.
    Changes,
    /// Alerts as they are worked through, beside the map.
    Alerts,
    /// The rules behind them.
    Rules,
    /// A plan of the day.
    Plan,
}

/// What the page of figures shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "names of tabs")]
pub enum FiguresTab {
    Today,
    Promises,
    Choices,
}

/// What the dock under the map shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "names of tabs")]
pub enum DockTab {
    Tasks,
    Bids,
    Alerts,
    Places,
}

/// What is being written in the right panel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Editor {
    /// A new task, perhaps already with a place.
    NewTask(Option<LonLat>),
    /// An existing task.
    EditTask(TaskId),
    /// An invitation to bid for a task.
    OpenBid(TaskId),
    /// A task edit that needs a decision, over what is there now; see [`Look::revision`].
    Revise(TaskId),
    /// A new place with a fence: what is drawn first, and perhaps already where.
    NewFence(map::EditTool, Option<LonLat>),
    /// An existing place.
    EditFence(PoiId),
    /// A place that gets a fence.
    MakeFence(PoiId),
    /// Fences from a file.
    ImportFences,
}

/// A task edit that is being made to fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// The command.
    pub n: u64,
    /// The user's changes on top of theirs.
    pub merged: TaskDraft,
    /// Theirs, as the review showed it.
    pub theirs: TaskDraft,
    /// Fields that both changed.
    pub clashes: Vec<TaskField>,
}

/// What is asked in a dialog.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dialog {
    /// Really this winner?
    Winner(BidId, ResourceId),
    /// Really take the offer back?
    CancelBid(BidId),
    /// Why is the task set to this status?
    Reason(TaskId, domain::task::TaskStatus),
    /// Sign out although commands wait?
    SignOut,
    /// The server wants the password again.
    SignInAgain,
    /// How fresh it all is, and why not.
    Connection,
    /// How long data is kept here.
    Retention,
    /// Really give up this command?
    Discard(u64),
    /// Really give up what was changed in the form of a fence?
    LeaveFence,
    /// Really delete this place?
    DeletePlace(PoiId),
    /// The keyboard shortcuts.
    Shortcuts,
    /// Until when are alerts put aside?
    AlertSnooze,
    /// How were alerts dealt with?
    AlertResolve,
    /// What does the desktop tell this user?
    Notifications,
    /// Really delete this location rule?
    DeleteRule(domain::RuleId),
    /// Where do travel times come from, and how fast are the roads?
    Travel,
}

/// What is looked at on the page of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleChoice {
    /// A rule that is being made.
    New,
    /// A location rule.
    Rule(domain::RuleId),
    /// The rules of a fence.
    Fence(domain::PoiId),
}

/// The theme as chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "names of themes")]
pub enum ThemeChoice {
    System,
    Light,
    Dark,
}

impl ThemeChoice {
    /// As it is kept in the preferences and named in `data-theme`.
    pub fn key(self) -> &'static str {
        match self {
            ThemeChoice::System => "system",
            ThemeChoice::Light => "light",
            ThemeChoice::Dark => "dark",
        }
    }

    /// From the preferences.
    pub fn from_key(key: &str) -> Self {
        match key {
            "light" => ThemeChoice::Light,
            "dark" => ThemeChoice::Dark,
            _ => ThemeChoice::System,
        }
    }

    /// The next one of the switch.
    pub fn next(self) -> Self {
        match self {
            ThemeChoice::System => ThemeChoice::Light,
            ThemeChoice::Light => ThemeChoice::Dark,
            ThemeChoice::Dark => ThemeChoice::System,
        }
    }
}

/// What is shown, selected, open.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "each signal is named after what it holds")]
pub struct Look {
    pub page: RwSignal<Page>,
    pub selection: RwSignal<Option<Subject>>,
    pub editor: RwSignal<Option<Editor>>,
    pub dialog: RwSignal<Option<Dialog>>,
    /// The command that is being looked at.
    pub change: RwSignal<Option<u64>>,
    /// The task edit that is being made to fit.
    pub revision: RwSignal<Option<Revision>>,
    pub dock: RwSignal<DockTab>,
    pub dock_open: RwSignal<bool>,
    /// What the page of figures shows.
    pub figures: RwSignal<FiguresTab>,
    /// The fix of an explanation that is pointed at, on the map or in its table.
    pub fix: RwSignal<Option<usize>>,
    /// The rule that is looked at on the page of rules.
    pub rule: RwSignal<Option<RuleChoice>>,
    /// The map waits for a click on the place.
    pub picking: RwSignal<bool>,
    /// The place that was picked last.
    pub picked: RwSignal<Option<LonLat>>,
    /// The map's menu: where on earth, and where on the canvas in points.
    pub map_menu: RwSignal<Option<(LonLat, (f32, f32))>>,
    /// What the task table shows.
    pub task_filter: RwSignal<super::lists::TaskFilter>,
    /// Places and fences.
    pub fences: Fences,
    pub theme: RwSignal<ThemeChoice>,
    /// Whether it is dark now, whoever decided that.
    pub dark: RwSignal<bool>,
}

impl Look {
    pub(super) fn new() -> Self {
        Self {
            page: RwSignal::new(Page::Desk),
            selection: RwSignal::new(None),
            editor: RwSignal::new(None),
            dialog: RwSignal::new(None),
            change: RwSignal::new(None),
            revision: RwSignal::new(None),
            dock: RwSignal::new(DockTab::Tasks),
            dock_open: RwSignal::new(true),
            figures: RwSignal::new(FiguresTab::Today),
            fix: RwSignal::new(None),
            rule: RwSignal::new(None),
            picking: RwSignal::new(false),
            picked: RwSignal::new(None),
            map_menu: RwSignal::new(None),
            task_filter: RwSignal::default(),
            fences: Fences::new(),
            theme: RwSignal::new(ThemeChoice::System),
            dark: RwSignal::new(false),
        }
    }

    /// Closes everything and forgets what was looked at; what belongs to the window stays.
    pub(super) fn forget(self) {
        self.selection.set(None);
        self.editor.set(None);
        self.dialog.set(None);
        self.change.set(None);
        self.revision.set(None);
        self.fix.set(None);
        self.rule.set(None);
        self.picking.set(false);
        self.picked.set(None);
        self.map_menu.set(None);
        self.task_filter.set(Default::default());
        self.figures.set(FiguresTab::Today);
        self.fences.forget();
    }

    /// Shows something in the right panel; a form that is open there stays until it is saved or given up.
    pub fn open(self, subject: Subject) {
        self.selection.set(Some(subject));
    }

    /// A form is saved: shows what came of it.
    pub fn finish(self, subject: Subject) {
        self.editor.set(None);
        self.picking.set(false);
        self.selection.set(Some(subject));
    }

    /// Opens a form in the right panel.
    pub fn edit(self, editor: Editor) {
        if self.asks_before_leaving(Some(editor)) {
            return;
        }
        self.picked.set(None);
        self.picking.set(false);
        self.editor.set(Some(editor));
    }

    /// Opens the form for a task edit that needs a decision, beside the map.
    pub fn revise(self, revision: Revision) {
        let task = revision.merged.id;
        self.revision.set(Some(revision));
        self.edit(Editor::Revise(task));
        self.page.set(Page::Desk);
    }

    /// Changes of a fence that are not saved are not dropped without a question; `next` is opened then.
    fn asks_before_leaving(self, next: Option<Editor>) -> bool {
        let asks = self.editor.get_untracked().is_some() && self.fences.unsaved.get_untracked();
        if asks {
            self.fences.next.set(next);
            self.dialog.set(Some(Dialog::LeaveFence));
        }
        asks
    }

    /// Whether the page is one with the map and the panel beside it.
    pub fn is_beside_map(self) -> bool {
        match self.page.get_untracked() {
            Page::Desk | Page::Alerts => true,
            Page::Attendance | Page::Figures | Page::Changes | Page::Rules | Page::Plan => false,
        }
    }

    /// Closes the innermost thing that is open; what is on a page out of sight stays.
    pub fn close_one(self) {
        if self.page.get_untracked() == Page::Changes {
            return self.page.set(Page::Desk);
        }
        if !self.is_beside_map() {
            return;
        }
        if self.picking.get_untracked() {
            self.picking.set(false);
        } else if matches!(self.editor.get_untracked(), Some(Editor::Revise(_))) {
            self.editor.set(None);
            self.page.set(Page::Changes);
        } else if self.editor.get_untracked().is_some() {
            if !self.asks_before_leaving(None) {
                self.editor.set(None);
            }
        } else {
            self.selection.set(None);
        }
    }
}
