//! Alerts as they are worked through: the filter, the lines that it lets through, and what is marked. The choosing is pure.

use std::collections::{HashMap, HashSet};
use std::fmt;

use domain::alert::{
    Alert, AlertAction, AlertEntry, AlertState, AlertTopic, NearTarget, Severity, Stage, entries,
};
use domain::{AlertId, GroupId, PoiId, ResourceId, UserId};
use leptos::prelude::*;
use protocol::view::SessionView;

use super::Rows;
use crate::clock::Clock;

/// One line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertLine {
    /// An alert.
    One(AlertId),
    /// Many alerts of one cause, by the first of them.
    Storm(AlertId),
    /// One alert of a storm that is open.
    Member(AlertId),
}

impl fmt::Display for AlertLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AlertLine::One(id) | AlertLine::Member(id) => write!(f, "{id}"),
            AlertLine::Storm(lead) => write!(f, "storm-{lead}"),
        }
    }
}

impl AlertLine {
    /// The alert that its details show.
    pub fn alert(self) -> AlertId {
        match self {
            AlertLine::One(id) | AlertLine::Member(id) | AlertLine::Storm(id) => id,
        }
    }
}

/// Filters by stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "names of stages")]
pub enum StageChip {
    /// Everything that is not resolved.
    Open,
    New,
    Acknowledged,
    Assigned,
    /// Assigned to whoever is signed in.
    Mine,
    Snoozed,
    Resolved,
}

impl StageChip {
    /// All, as the chips show them.
    pub const ALL: [StageChip; 7] = [
        StageChip::Open,
        StageChip::New,
        StageChip::Acknowledged,
        StageChip::Assigned,
        StageChip::Mine,
        StageChip::Snoozed,
        StageChip::Resolved,
    ];

    fn takes(self, key: &AlertKey, me: Option<UserId>) -> bool {
        match self {
            StageChip::Open => key.stage != Stage::Resolved,
            StageChip::New => key.stage == Stage::New,
            StageChip::Acknowledged => key.stage == Stage::Acknowledged,
            StageChip::Assigned => key.stage == Stage::Assigned,
            StageChip::Mine => key.assigned.is_some() && key.assigned == me,
            StageChip::Snoozed => key.stage == Stage::Snoozed,
            StageChip::Resolved => key.stage == Stage::Resolved,
        }
    }
}

/// What the list shows; everything given has to hold.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is named after what it narrows")]
pub struct AlertFilter {
    pub chip: StageChip,
    pub severity: Option<Severity>,
    pub topic: Option<AlertTopic>,
    pub group: Option<GroupId>,
    pub text: String,
    /// Only what late data has corrected.
    pub corrected: bool,
}

impl Default for AlertFilter {
    fn default() -> Self {
        AlertFilter {
            chip: StageChip::Open,
            severity: None,
            topic: None,
            group: None,
            text: String::new(),
            corrected: false,
        }
    }
}

/// One alert, reduced to what the list needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertKey {
    id: AlertId,
    topic: AlertTopic,
    severity: Severity,
    stage: Stage,
    assigned: Option<UserId>,
    resource: Option<ResourceId>,
    place: Option<PoiId>,
    corrected: bool,
}

impl AlertKey {
    /// Of an alert at `now`.
    pub fn of(alert: &Alert, now: chrono::DateTime<chrono::Utc>) -> Self {
        let stage = alert.stage(now);
        let assigned = match alert.state {
            AlertState::Assigned { to, .. } => Some(to),
            AlertState::New
            | AlertState::Acknowledged { .. }
            | AlertState::Snoozed { .. }
            | AlertState::Resolved { .. } => None,
        };
        AlertKey {
            id: alert.id,
            topic: alert.kind.topic(),
            severity: alert.severity,
            stage,
            assigned,
            resource: alert.kind.resource(),
            place: place_of(&alert.kind),
            corrected: alert.correction.is_some(),
        }
    }
}

/// The place that an alert is about: its fence, or what somebody is near.
pub fn place_of(kind: &domain::alert::AlertKind) -> Option<PoiId> {
    use domain::alert::AlertKind;
    if let AlertKind::Near { target: NearTarget::Poi(poi), .. } = kind {
        return Some(*poi);
    }
    kind.fence()
}

/// What people search by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    /// Name in small letters, and the group.
    pub resources: HashMap<ResourceId, (String, GroupId)>,
    /// Name in small letters.
    pub places: HashMap<PoiId, String>,
}

impl Names {
    fn fits(&self, key: &AlertKey, filter: &AlertFilter, text: &str) -> bool {
        let resource = key.resource.and_then(|id| self.resources.get(&id));
        let place = key.place.and_then(|id| self.places.get(&id));
        filter.group.is_none_or(|group| resource.is_some_and(|(_, own)| *own == group))
            && (text.is_empty()
                || resource.is_some_and(|(name, _)| name.contains(text))
                || place.is_some_and(|name| name.contains(text)))
    }
}

/// How many alerts each filter would let through, the others being as they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlertCounts {
    /// In the order of [`StageChip::ALL`].
    pub chips: [usize; 7],
    /// In the order of [`Severity::ALL`].
    pub severities: [usize; 3],
    /// In the order of [`AlertTopic::ALL`].
    pub topics: [usize; AlertTopic::ALL.len()],
    /// Corrected ones.
    pub corrected: usize,
}

/// What the filter lets through.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shown {
    /// The lines in order.
    pub lines: Vec<AlertLine>,
    /// Alerts of each storm that the filter lets through, by its first.
    pub storms: HashMap<AlertId, Vec<AlertId>>,
    /// Numbers for the filters.
    pub counts: AlertCounts,
}

/// Everything that a list is chosen from.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// All alerts.
    pub keys: &'a [AlertKey],
    /// Their lines, newest first.
    pub entries: &'a [AlertEntry],
    /// Names to search by.
    pub names: &'a Names,
    /// Who is signed in.
    pub me: Option<UserId>,
    /// Storms that are open, by their first.
    pub opened: &'a HashSet<AlertId>,
}

/// The lines that `filter` lets through: those with something new and critical first, then newest first. A storm of which it
/// lets one alert through is that alert.
pub fn choose_alerts(choice: Choice, filter: &AlertFilter) -> Shown {
    let text = filter.text.trim().to_lowercase();
    let mut counts = AlertCounts::default();
    let mut fitting: HashMap<AlertId, bool> = HashMap::new();
    for key in choice.keys {
        if choice.names.fits(key, filter, &text) && counts.count(key, filter, choice.me) {
            fitting.insert(key.id, key.stage == Stage::New && key.severity == Severity::Critical);
        }
    }
    let (mut pressing, mut others) = (Vec::new(), Vec::new());
    let mut storms = HashMap::new();
    for entry in choice.entries {
        let members: Vec<AlertId> =
            entry.members.iter().copied().filter(|id| fitting.contains_key(id)).collect();
        let is_pressing = members.iter().any(|id| fitting.get(id) == Some(&true));
        let lines = if is_pressing { &mut pressing } else { &mut others };
        match members.as_slice() {
            [] => {}
            [one] => lines.push(AlertLine::One(*one)),
            [..] => {
                lines.push(AlertLine::Storm(entry.lead));
                if choice.opened.contains(&entry.lead) {
                    lines.extend(members.iter().rev().map(|id| AlertLine::Member(*id)));
                }
                storms.insert(entry.lead, members);
            }
        }
    }
    pressing.append(&mut others);
    Shown { lines: pressing, storms, counts }
}

impl AlertCounts {
    /// Counts one alert under every filter that it passes but for the one that is counted; `true` when it passes them all.
    fn count(&mut self, key: &AlertKey, filter: &AlertFilter, me: Option<UserId>) -> bool {
        let chip = filter.chip.takes(key, me);
        let severity = filter.severity.is_none_or(|severity| severity == key.severity);
        let topic = filter.topic.is_none_or(|topic| topic == key.topic);
        let corrected = !filter.corrected || key.corrected;
        if severity && topic && corrected {
            for (count, chip) in self.chips.iter_mut().zip(StageChip::ALL) {
                *count += usize::from(chip.takes(key, me));
            }
        }
        if chip && topic && corrected {
            let same = Severity::ALL.iter().position(|one| *one == key.severity);
            same.into_iter().for_each(|place| self.severities[place] += 1);
        }
        if chip && severity && corrected {
            let same = AlertTopic::ALL.iter().position(|one| *one == key.topic);
            same.into_iter().for_each(|place| self.topics[place] += 1);
        }
        self.corrected += usize::from(chip && severity && topic && key.corrected);
        chip && severity && topic && corrected
    }
}

/// The line to go on with when those of `gone` are dealt with: the next one below `active`, else the last one above.
pub fn next_line(lines: &[AlertLine], active: AlertLine, gone: &[AlertLine]) -> Option<AlertLine> {
    let here = lines.iter().position(|line| *line == active)?;
    let stays = |line: &&AlertLine| !gone.contains(line);
    lines[here..].iter().find(stays).or_else(|| lines[..here].iter().rev().find(stays)).copied()
}

/// The list's state; shared by the page and the dock.
#[derive(Clone, Copy)]
pub struct Triage {
    /// What is shown.
    pub filter: RwSignal<AlertFilter>,
    /// Storms that are open, by their first.
    pub opened: RwSignal<HashSet<AlertId>>,
    /// Lines that are marked for the next action.
    pub chosen: RwSignal<HashSet<AlertLine>>,
    /// The line under the cursor.
    pub active: RwSignal<Option<AlertLine>>,
    /// What takes back the last thing that was done.
    pub undo: RwSignal<Vec<(Vec<AlertId>, AlertAction)>>,
    /// The alerts that a dialog asks about.
    pub asked: RwSignal<Vec<AlertId>>,
    /// What the filter lets through.
    pub shown: Memo<Shown>,
    /// The lines in order.
    pub lines: Memo<Vec<AlertLine>>,
    /// Alerts that nobody has looked at.
    pub new_ids: Memo<Vec<AlertId>>,
}

impl Triage {
    pub(super) fn new(rows: Rows, session: RwSignal<Option<SessionView>>, clock: Clock) -> Self {
        let filter = RwSignal::new(AlertFilter::default());
        let opened = RwSignal::new(HashSet::new());
        let keys = Memo::new(move |_| {
            let now = clock.minute();
            rows.alerts.all().iter().map(|row| AlertKey::of(&row.alert, now)).collect::<Vec<_>>()
        });
        let found = Memo::new(move |_| {
            let rows = rows.alerts.all();
            entries(rows.iter().map(|row| &row.alert))
        });
        let names = Memo::new(move |_| names_of(rows));
        let me = Memo::new(move |_| session.with(|session| user_of(session.as_ref())));
        let shown = Memo::new(move |_| {
            let (keys, entries, names, opened) = (keys.read(), found.read(), names.read(), opened.read());
            let choice =
                Choice { keys: &keys, entries: &entries, names: &names, me: me.get(), opened: &opened };
            filter.with(|filter| choose_alerts(choice, filter))
        });
        let chosen = RwSignal::new(HashSet::new());
        unmark_unseen(chosen, shown);
        Triage {
            filter,
            opened,
            chosen,
            active: RwSignal::new(None),
            undo: RwSignal::new(Vec::new()),
            asked: RwSignal::new(Vec::new()),
            shown,
            lines: Memo::new(move |_| shown.with(|shown| shown.lines.clone())),
            new_ids: Memo::new(move |_| {
                let new = |key: &&AlertKey| key.stage == Stage::New;
                keys.with(|keys| keys.iter().filter(new).map(|key| key.id).collect())
            }),
        }
    }

    /// Everything as it is when nobody has looked at alerts yet.
    pub(super) fn forget(self) {
        self.filter.set(AlertFilter::default());
        self.opened.set(HashSet::new());
        self.chosen.set(HashSet::new());
        self.active.set(None);
        self.undo.set(Vec::new());
        self.asked.set(Vec::new());
    }

    /// The alerts of a line that the filter lets through.
    pub fn alerts_of(self, line: AlertLine) -> Vec<AlertId> {
        match line {
            AlertLine::One(id) | AlertLine::Member(id) => vec![id],
            AlertLine::Storm(lead) => {
                self.shown.with_untracked(|shown| shown.storms.get(&lead).cloned().unwrap_or_default())
            }
        }
    }

    /// The lines that an action is about: the marked ones, else the one under the cursor; never one that is not listed.
    pub fn targets(self) -> Vec<AlertLine> {
        let (chosen, active) = (self.chosen.get_untracked(), self.active.get_untracked());
        self.lines.with_untracked(|lines| {
            if chosen.is_empty() {
                active.filter(|line| lines.contains(line)).into_iter().collect()
            } else {
                lines.iter().copied().filter(|line| chosen.contains(line)).collect()
            }
        })
    }

    /// Moves on from what has been dealt with.
    pub fn move_on(self, gone: &[AlertLine]) {
        let Some(active) = self.active.get_untracked() else { return };
        let next = self.lines.with_untracked(|lines| next_line(lines, active, gone));
        self.active.set(next.or(Some(active)));
        self.chosen.set(HashSet::new());
    }

    /// Opens a storm, or closes it.
    pub fn toggle_storm(self, lead: AlertId) {
        self.opened.update(|opened| {
            if !opened.remove(&lead) {
                opened.insert(lead);
            }
        });
    }

    /// Marks a line, or takes the mark away.
    pub fn toggle_chosen(self, line: AlertLine) {
        self.chosen.update(|chosen| {
            if !chosen.remove(&line) {
                chosen.insert(line);
            }
        });
    }
}

/// A mark that is out of sight would be acted on unseen, or keep the line under the cursor from being acted on.
fn unmark_unseen(chosen: RwSignal<HashSet<AlertLine>>, shown: Memo<Shown>) {
    Effect::new(move |_| {
        // Without marks nothing is chosen for the sake of this.
        if chosen.with(HashSet::is_empty) {
            return;
        }
        let seen: HashSet<AlertLine> = shown.with(|shown| shown.lines.iter().copied().collect());
        if chosen.with_untracked(|chosen| !chosen.is_subset(&seen)) {
            chosen.update(|chosen| chosen.retain(|line| seen.contains(line)));
        }
    });
}

fn names_of(rows: Rows) -> Names {
    let (resources, places) = (rows.resources.all(), rows.pois.all());
    let resource = |row: &protocol::view::ResourceView| (row.card.name.to_lowercase(), row.card.group);
    Names {
        resources: resources.iter().map(|row| (row.card.id, resource(row))).collect(),
        places: places.iter().map(|row| (row.id, row.name.to_lowercase())).collect(),
    }
}

fn user_of(session: Option<&SessionView>) -> Option<UserId> {
    match session {
        Some(SessionView::SignedIn(view)) => Some(view.user.id),
        Some(SessionView::SignedOut { .. } | SessionView::Starting { .. }) | None => None,
    }
}

#[cfg(test)]
mod tests;
