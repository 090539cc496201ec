//! One person's day: stretches, open marks, orphans.

use chrono::NaiveDate;
use domain::ResourceId;
use domain::attendance::{AttendanceEntry, DaySheet, Stretch};
use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse};

use super::resource::local_day;
use crate::format;
use crate::state::Desk;
use crate::words::{error_text, t, tf};

/// A day sheet with its date picker; asked for again when the person's presence changes.
#[component]
pub fn DaySheetView(
    /// Whose.
    resource: ResourceId,
) -> impl IntoView {
    let desk = Desk::here();
    let day = RwSignal::new(local_day(desk, 0));
    let sheet = RwSignal::new(None::<Result<DaySheet, String>>);
    let presence = Memo::new(move |_| desk.rows.resources.get(resource).map(|row| row.presence));
    Effect::new(move |_| {
        presence.track();
        let day = day.get();
        leptos::task::spawn_local(async move {
            let answer = desk.request(DeskRequest::DaySheet { resource, day }).await;
            let shown = match answer {
                Ok(DeskResponse::DaySheet(sheet)) => Ok(*sheet),
                Ok(_) => Err(t("error-internal").to_owned()),
                Err(error) => Err(error_text(&error)),
            };
            let _ = sheet.try_set(Some(shown));
        });
    });
    let pick = move |event| {
        if let Ok(picked) = event_target_value(&event).parse::<NaiveDate>() {
            day.set(picked);
        }
    };
    view! {
        <div class="day-sheet" data-testid="day-sheet">
            <div class="row">
                <input type="date" data-testid="day" aria-label=t("day") prop:value=move || day.get().to_string()
                    max=local_day(desk, 0).to_string() on:change=pick />
                <span class="muted small">{move || tf("zone", &[("zone", desk.zone().name())])}</span>
            </div>
            {move || match sheet.get() {
                None => view! { <p class="muted">{t("loading")}</p> }.into_any(),
                Some(Err(text)) => view! { <p class="field-error" role="alert">{text}</p> }.into_any(),
                Some(Ok(sheet)) => view! { <Sheet sheet=sheet /> }.into_any(),
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Sheet(sheet: DaySheet) -> impl IntoView {
    let desk = Desk::here();
    let zone = sheet.zone;
    let last = sheet.stretches.last().map(|stretch| stretch.signed_in.guid);
    let stretch = move |stretch: Stretch| {
        let start = format::clock_time(stretch.signed_in.event_time, zone);
        let forgotten = stretch.signed_out.is_none() && last != Some(stretch.signed_in.guid);
        let end = match stretch.signed_out {
            Some(out) => format::clock_time(out.event_time, zone),
            None if forgotten => t("sheet-forgotten").to_owned(),
            None => t("sheet-open").to_owned(),
        };
        let worked = move || {
            if forgotten {
                t("none").to_owned()
            } else {
                format::duration(stretch.worked_secs(desk.clock.get()))
            }
        };
        view! {
            <tr class:open=stretch.signed_out.is_none()>
                <td class="num">{start}</td>
                <td class="num">{end}</td>
                <td class="num">{worked}</td>
            </tr>
        }
    };
    let orphan = move |entry: AttendanceEntry| {
        let time = format::clock_time(entry.event_time, zone);
        view! { <li class="late">{tf("sheet-orphan", &[("time", &time)])}</li> }
    };
    let nothing = sheet.stretches.is_empty() && sheet.orphans.is_empty();
    let orphans = (!sheet.orphans.is_empty())
        .then(|| view! { <ul class="plain" data-testid="orphans">{sheet.orphans.into_iter().map(orphan).collect_view()}</ul> });
    view! {
        {nothing.then(|| view! { <p class="muted">{t("sheet-nothing")}</p> })}
        {(!sheet.stretches.is_empty()).then(|| view! {
            <table class="plain-table">
                <thead><tr><th>{t("sheet-in")}</th><th>{t("sheet-out")}</th><th>{t("sheet-worked")}</th></tr></thead>
                <tbody>{sheet.stretches.into_iter().map(stretch).collect_view()}</tbody>
                <tfoot><tr><td colspan="2">{t("sheet-total")}</td><td class="num strong">{format::duration(sheet.worked_secs)}</td></tr></tfoot>
            </table>
        })}
        {orphans}
    }
    .into_any()
}
