//! Creating and editing a task.

use chrono::{DateTime, NaiveDateTime, Utc};
use domain::task::Priority;
use domain::{LonLat, PoiId, SkillId, TaskId, TaskTypeId};
use leptos::prelude::*;
use protocol::view::{DeskRequest, Subject};
use protocol::wire::TaskDraft;

use super::details::PanelHead;
use crate::clock;
use crate::state::Desk;
use crate::words::{draft_text, error_text, t, tf};

mod fields;

use fields::{KindField, PlaceField, PriorityField, SkillsField, Text, Time};

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
    skills: RwSignal<Vec<SkillId>>,
    /// What the edit is made from.
    base: RwSignal<Option<TaskDraft>>,
    error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

impl Form {
    fn new(desk: Desk, task: Option<TaskId>, at: Option<LonLat>) -> Self {
        let row = task.and_then(|task| desk.rows.tasks.peek(task));
        let task = row.as_ref().map(|row| &row.task);
        let text =
            |of: fn(&domain::task::Task) -> &String| RwSignal::new(task.map(of).cloned().unwrap_or_default());
        let local = |time: Option<DateTime<Utc>>| {
            let zone = desk.zone();
            RwSignal::new(
                time.map(|time| time.with_timezone(&zone).format(LOCAL_FORMAT).to_string())
                    .unwrap_or_default(),
            )
        };
        let form = Self {
            title: text(|task| &task.title),
            description: text(|task| &task.description),
            customer: text(|task| &task.customer),
            address: text(|task| &task.address),
            kind: RwSignal::new(task.and_then(|task| task.task_type)),
            poi: RwSignal::new(task.and_then(|task| task.poi)),
            at: RwSignal::new(task.map(|task| task.at).or(at)),
            priority: RwSignal::new(task.map_or(Priority::Normal, |task| task.priority)),
            minutes: RwSignal::new(task.map_or(30, |task| task.planned_minutes).to_string()),
            starts: local(task.and_then(|task| task.window_start)),
            ends: local(task.and_then(|task| task.window_end)),
            skills: RwSignal::new(task.map(|task| task.skills.clone()).unwrap_or_default()),
            base: RwSignal::new(None),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
        };
        // As the fields show it: what people leave alone is no change, though a field shows less than the task has.
        let base = task.map(|task| form.draft(desk, task.id).unwrap_or_else(|_| TaskDraft::of(task)));
        form.base.set(base);
        form
    }

    /// What was filled in, or what is wrong with it.
    fn draft(self, desk: Desk, id: TaskId) -> Result<TaskDraft, String> {
        let text = |field: RwSignal<String>| field.with_untracked(|text| text.trim().to_owned());
        let time = |field: RwSignal<String>| match text(field) {
            text if text.is_empty() => Ok(None),
            text => parse_local(&text, desk.zone()).map(Some).ok_or_else(|| t("draft-time").to_owned()),
        };
        let draft = TaskDraft {
            id,
            title: text(self.title),
            description: text(self.description),
            task_type: self.kind.get_untracked(),
            at: self.at.get_untracked().ok_or_else(|| t("draft-place").to_owned())?,
            address: text(self.address),
            poi: self.poi.get_untracked(),
            customer: text(self.customer),
            priority: self.priority.get_untracked(),
            skills: self.skills.get_untracked(),
            planned_minutes: text(self.minutes).parse().unwrap_or_default(),
            window_start: time(self.starts)?,
            window_end: time(self.ends)?,
        };
        draft.check().map_err(|error| draft_text(error).to_owned())?;
        Ok(draft)
    }

    fn submit(self, desk: Desk, task: Option<TaskId>) {
        let id = task.unwrap_or_else(|| TaskId(clock::new_id()));
        let draft = match self.draft(desk, id) {
            Ok(draft) => draft,
            Err(text) => return self.error.set(Some(text)),
        };
        let title = draft.title.clone();
        let base = self.base.with_untracked(|base| base.clone().unwrap_or_else(|| draft.clone()));
        let request = match task {
            Some(task) => DeskRequest::EditTask { task, draft, base: Box::new(base) },
            None => DeskRequest::CreateTask(draft),
        };
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            match desk.request(request).await {
                Ok(_) => {
                    let key = if task.is_some() { "toast-saved" } else { "toast-created" };
                    desk.say(crate::state::ToastKind::Done, tf(key, &[("title", &title)]));
                    desk.look.finish(Subject::Task(id));
                }
                Err(error) => {
                    let _ = self.error.try_set(Some(error_text(&error)));
                    let _ = self.busy.try_set(false);
                }
            }
        });
    }
}

/// A local time of the company's zone; a time in a gap moves past it. Web views without a picker let people type a space for the `T`.
fn parse_local(text: &str, zone: chrono_tz::Tz) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(&text.replacen(' ', "T", 1), LOCAL_FORMAT).ok()?;
    Some(domain::attendance::instant(local.date(), local.time(), zone))
}

/// The form; `task` is the one that is edited, `at` the place of a new one.
#[component]
pub fn TaskForm(task: Option<TaskId>, at: Option<LonLat>) -> impl IntoView {
    let desk = Desk::here();
    let form = Form::new(desk, task, at);
    Effect::new(move |_| {
        if let Some(at) = desk.look.picked.get() {
            form.at.set(Some(at));
            form.poi.set(None);
        }
    });
    on_cleanup(move || desk.look.picking.set(false));
    let title = Signal::derive(move || match task {
        Some(task) => desk.task_name(task),
        None => t("new-task").to_owned(),
    });
    view! {
        <PanelHead kind=if task.is_some() { t("edit") } else { t("kind-task") } title=title />
        <form
            class="form panel-body"
            data-testid="task-form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                form.submit(desk, task);
            }
        >
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
            <Show when=move || form.error.with(Option::is_some)>
                <p class="field-error" role="alert" data-testid="task-error">{move || form.error.get()}</p>
            </Show>
            <div class="actions">
                <button type="submit" class="primary" data-testid="save-task" disabled=move || form.busy.get()>
                    {if task.is_some() { t("save") } else { t("create-task") }}
                </button>
                <button type="button" on:click=move |_| desk.look.editor.set(None)>{t("cancel")}</button>
            </div>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

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
