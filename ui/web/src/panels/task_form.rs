//! Creating and editing a task.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use domain::task::Priority;
use domain::{LonLat, PoiId, SkillId, TaskId, TaskTypeId};
use leptos::prelude::*;
use protocol::wire::{DraftError, TaskDraft};

use super::details::PanelHead;
use crate::clock;
use crate::state::Desk;
use crate::words::{draft_text, error_text, t, tf};

mod fields;
mod purpose;

pub use purpose::Purpose;

use fields::{KindField, LoadField, PlaceField, PriorityField, SkillsField, Text, Time};

/// As `<input type="datetime-local">` has it.
const LOCAL_FORMAT: &str = "%Y-%m-%dT%H:%M";

#[derive(Clone, Copy)]
struct Form {
    title: RwSignal<String>,
    description: RwSignal<String>,
    customer: RwSignal<String>,
    address: RwSignal<String>,
    kind: RwSignal<Option<TaskTypeId>>,
    poi: RwSignal<Option<PoiId>>,
    at: RwSignal<Option<LonLat>>,
    priority: RwSignal<Priority>,
    minutes: RwSignal<String>,
    starts: RwSignal<String>,
    ends: RwSignal<String>,
    load: RwSignal<String>,
    skills: RwSignal<Vec<SkillId>>,
    /// What the form was filled with.
    filled: RwSignal<Option<TaskDraft>>,
    /// What the edit is made from.
    base: RwSignal<Option<TaskDraft>>,
    error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

impl Form {
    fn new(desk: Desk, purpose: &Purpose) -> Self {
        let (filled, base) = purpose.drafts(desk).unzip();
        let at = if let Purpose::New(at) = purpose { *at } else { None };
        let known = filled.as_ref();
        let text = |of: fn(&TaskDraft) -> &String| RwSignal::new(known.map(of).cloned().unwrap_or_default());
        let local = |of: fn(&TaskDraft) -> Option<DateTime<Utc>>| {
            RwSignal::new(local_text(known.and_then(of), desk.zone()))
        };
        Self {
            title: text(|draft| &draft.title),
            description: text(|draft| &draft.description),
            customer: text(|draft| &draft.customer),
            address: text(|draft| &draft.address),
            kind: RwSignal::new(known.and_then(|draft| draft.task_type)),
            poi: RwSignal::new(known.and_then(|draft| draft.poi)),
            at: RwSignal::new(known.map(|draft| draft.at).or(at)),
            priority: RwSignal::new(known.map_or(Priority::Normal, |draft| draft.priority)),
            minutes: RwSignal::new(known.map_or(30, |draft| draft.planned_minutes).to_string()),
            starts: local(|draft| draft.window_start),
            ends: local(|draft| draft.window_end),
            load: RwSignal::new(load_text(known)),
            skills: RwSignal::new(known.map(|draft| draft.skills.clone()).unwrap_or_default()),
            filled: RwSignal::new(filled),
            base: RwSignal::new(base),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
    }

    /// What was filled in, or what is wrong with it.
    fn draft(self, desk: Desk, id: TaskId) -> Result<TaskDraft, String> {
        let filled = self.filled.get_untracked();
        let text = |field: RwSignal<String>, of: fn(&TaskDraft) -> &String| {
            let typed = field.with_untracked(|text| text.trim().to_owned());
            left_alone(filled.as_ref().map(of), &typed).unwrap_or(typed)
        };
        let time = |field: RwSignal<String>, of: fn(&TaskDraft) -> Option<DateTime<Utc>>| {
            let typed = field.with_untracked(|text| text.trim().to_owned());
            parse_time(&typed, filled.as_ref().and_then(of), desk.zone())
        };
        let draft = TaskDraft {
            id,
            title: text(self.title, |draft| &draft.title),
            description: text(self.description, |draft| &draft.description),
            task_type: self.kind.get_untracked(),
            at: self.at.get_untracked().ok_or_else(|| t("draft-place").to_owned())?,
            address: text(self.address, |draft| &draft.address),
            poi: self.poi.get_untracked(),
            customer: text(self.customer, |draft| &draft.customer),
            priority: self.priority.get_untracked(),
            skills: self.skills.get_untracked(),
            planned_minutes: self.minutes.with_untracked(|text| text.trim().parse().unwrap_or_default()),
            window_start: time(self.starts, |draft| draft.window_start)?,
            window_end: time(self.ends, |draft| draft.window_end)?,
            load: load(&self.load.get_untracked())?,
        };
        draft.check().map_err(|error| draft_text(error).to_owned())?;
        Ok(draft)
    }

    fn submit(self, desk: Desk, purpose: Purpose) {
        let id = purpose.task().unwrap_or_else(|| TaskId(clock::new_id()));
        let draft = match self.draft(desk, id) {
            Ok(draft) => draft,
            Err(text) => return self.error.set(Some(text)),
        };
        let title = draft.title.clone();
        let request = purpose.request(draft, self.base.get_untracked());
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            match desk.request(request).await {
                Ok(_) => purpose.saved(desk, id, &title),
                Err(error) => {
                    let _ = self.error.try_set(Some(error_text(&error)));
                    let _ = self.busy.try_set(false);
                }
            }
        });
    }
}

/// What was filled in, when it still reads the same: spaces around it are nobody's change.
fn left_alone(filled: Option<&String>, typed: &str) -> Option<String> {
    filled.filter(|filled| filled.trim() == typed).cloned()
}

/// Nothing is said of a load that is none.
fn load_text(draft: Option<&TaskDraft>) -> String {
    draft.map(|draft| draft.load).filter(|load| *load > 0).map(|load| load.to_string()).unwrap_or_default()
}

/// The load that is meant; an empty field is none.
fn load(typed: &str) -> Result<u32, String> {
    let typed = typed.trim();
    if typed.is_empty() { Ok(0) } else { typed.parse().map_err(|_| draft_text(DraftError::Load).to_owned()) }
}

/// As `<input type="datetime-local">` shows it in the company's zone; empty for none.
pub(in crate::panels) fn local_text(at: Option<DateTime<Utc>>, zone: Tz) -> String {
    at.map(|at| at.with_timezone(&zone).format(LOCAL_FORMAT).to_string()).unwrap_or_default()
}

/// The time that is meant. What people leave alone is no change, though the field shows less than the task has (no seconds).
fn parse_time(typed: &str, filled: Option<DateTime<Utc>>, zone: Tz) -> Result<Option<DateTime<Utc>>, String> {
    if typed == local_text(filled, zone) {
        return Ok(filled);
    }
    if typed.is_empty() {
        return Ok(None);
    }
    parse_local(typed, zone).map(Some).ok_or_else(|| t("draft-time").to_owned())
}

/// A local time of the company's zone; a time in a gap moves past it. Web views without a picker let people type a space for the `T`.
pub(in crate::panels) fn parse_local(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(&text.replacen(' ', "T", 1), LOCAL_FORMAT).ok()?;
    Some(domain::attendance::instant(local.date(), local.time(), zone))
}

/// The form.
#[component]
pub fn TaskForm(
    /// What it is for.
    purpose: Purpose,
) -> impl IntoView {
    let desk = Desk::here();
    let form = Form::new(desk, &purpose);
    Effect::new(move |_| {
        if let Some(at) = desk.look.picked.get() {
            form.at.set(Some(at));
            form.poi.set(None);
        }
    });
    on_cleanup(move || desk.look.picking.set(false));
    let task = purpose.task();
    let title = Signal::derive(move || match task {
        Some(task) => desk.task_name(task),
        None => t("new-task").to_owned(),
    });
    let hint = purpose.hint();
    view! {
        <PanelHead kind=if task.is_some() { t("edit") } else { t("kind-task") } title=title />
        <form
            class="form panel-body"
            data-testid="task-form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                form.submit(desk, purpose.clone());
            }
        >
            {hint.map(|hint| view! { <p class="callout decide" data-testid="revise-lead">{hint}</p> })}
            <Text label=t("field-title") testid="task-title" value=form.title focus=true />
            <KindField form=form />
            <PlaceField form=form />
            <Text label=t("field-address") testid="task-address" value=form.address />
            <Text label=t("field-customer") testid="task-customer" value=form.customer />
            <div class="columns">
                <PriorityField form=form />
                <label class="field">
                    <span>{t("field-minutes")}</span>
                    <input type="number" min="1" max="1440" data-testid="task-minutes" prop:value=move || form.minutes.get()
                        on:input=move |event| form.minutes.set(event_target_value(&event)) />
                </label>
            </div>
            <div class="columns">
                <Time label=t("field-window-start") testid="task-window-start" value=form.starts />
                <Time label=t("field-window-end") testid="task-window-end" value=form.ends />
            </div>
            <p class="muted small">{tf("zone", &[("zone", desk.zone().name())])}</p>
            <SkillsField form=form />
            <label class="field">
                <span>{t("field-description")}</span>
                <textarea rows="3" data-testid="task-description" prop:value=move || form.description.get()
                    on:input=move |event| form.description.set(event_target_value(&event))></textarea>
            </label>
            <LoadField form=form />
            <Actions form=form save=if task.is_some() { t("save") } else { t("create-task") } />
        </form>
    }
    .into_any()
}

/// What is wrong, and the buttons.
#[component]
fn Actions(form: Form, save: &'static str) -> impl IntoView {
    let desk = Desk::here();
    view! {
        <Show when=move || form.error.with(Option::is_some)>
            <p class="field-error" role="alert" data-testid="task-error">{move || form.error.get()}</p>
        </Show>
        <div class="actions">
            <button type="submit" class="primary" data-testid="save-task" disabled=move || form.busy.get()>{save}</button>
            <button type="button" on:click=move |_| desk.look.close_one()>{t("cancel")}</button>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_alone_is_no_change() {
        let at = "2026-11-23T08:30:42Z".parse().expect("a time");
        let shown = local_text(Some(at), chrono_tz::Europe::Monaco);
        let kept = parse_time(&shown, Some(at), chrono_tz::Europe::Monaco);
        assert_eq!(kept, Ok(Some(at)), "the seconds that the field does not show stay");
        assert_eq!(parse_time("", None, chrono_tz::UTC), Ok(None), "none stays none");
        assert!(parse_time("soon", Some(at), chrono_tz::UTC).is_err(), "what was typed has to be a time");
        assert_eq!(parse_time("", Some(at), chrono_tz::UTC), Ok(None), "a time can be taken away");
        let typed = "A lift  stuck".to_owned();
        assert_eq!(
            left_alone(Some(&format!("{typed} ")), &typed),
            Some("A lift  stuck ".to_owned()),
            "spaces around it"
        );
        assert_eq!(left_alone(Some(&typed), "Another"), None, "another text is a change");
    }

    #[test]
    fn a_load_is_a_number_or_none() {
        assert_eq!(load(" "), Ok(0), "nothing typed is no load");
        assert_eq!(load(" 12 "), Ok(12), "a number");
        assert!(load("heavy").is_err() && load("-1").is_err(), "anything else is said to be wrong");
    }

    #[test]
    fn a_window_is_meant_in_the_companys_zone() {
        let at = parse_local("2026-11-23T09:30", chrono_tz::Europe::Monaco).expect("a time");
        assert_eq!(at.to_rfc3339(), "2026-11-23T08:30:00+00:00", "an hour before UTC in winter");
        assert_eq!(parse_local("2026-11-23 09:30", chrono_tz::Europe::Monaco), Some(at), "typed by hand");
        assert_eq!(parse_local("soon", chrono_tz::UTC), None, "what is no time is said to be none");
        let in_gap = parse_local("2026-03-29T02:30", chrono_tz::Europe::Monaco).expect("a time");
        assert!(
            in_gap >= "2026-03-29T01:00:00Z".parse::<DateTime<Utc>>().expect("time"),
            "the hour that does not exist moves on"
        );
    }
}
