//! The alert centre: the list with all its filters and actions, beside the map and the details.

use domain::alert::Stage;
use leptos::prelude::*;

use super::filters::{Filters, StageChips};
use super::keys::go_on;
use super::{AlertActions, AlertList, LIST};
use crate::kit::focus_list;
use crate::panels::notifications::TellingHint;
use crate::state::{Desk, Dialog};
use crate::words::{t, tn};

/// The page's list; map and details beside it are the dispatcher's own.
#[component]
pub fn AlertCentre() -> impl IntoView {
    let desk = Desk::here();
    let triage = desk.triage;
    if triage.active.get_untracked().is_none() {
        triage.active.set(triage.lines.with_untracked(|lines| lines.first().copied()));
    }
    // The list is mounted first.
    request_animation_frame(|| focus_list(LIST));
    view! {
        <section class="triage" aria-label=t("page-alerts") data-testid="alert-centre">
            <div class="toolbar">
                <StageChips />
                <span class="grow"></span>
                <button type="button" class="ghost small" data-testid="triage-keys" on:click=move |_| desk.look.dialog.set(Some(Dialog::Shortcuts))>
                    {t("alerts-keys")}
                </button>
            </div>
            <Filters />
            <Bulk />
            <Show when=move || desk.is_offline()>
                <p class="callout decide offline-note" role="status" data-testid="alerts-offline">{t("alerts-offline")}</p>
            </Show>
            <TellingHint />
            <div class="alert-table">
                <Head />
                <AlertList />
            </div>
        </section>
    }
    .into_any()
}

/// The actions, about what is marked or under the cursor.
#[component]
fn Bulk() -> impl IntoView {
    let desk = Desk::here();
    let triage = desk.triage;
    let alerts = Callback::new(move |()| {
        triage.targets().into_iter().flat_map(|line| triage.alerts_of(line)).collect::<Vec<_>>()
    });
    let stages = Memo::new(move |_| {
        triage.chosen.track();
        triage.active.track();
        triage.shown.track();
        let now = desk.clock.minute();
        let rows = alerts.run(()).into_iter().filter_map(|id| desk.rows.alerts.get(id));
        rows.map(|row| row.alert.stage(now)).collect::<Vec<Stage>>()
    });
    let marked = move || triage.chosen.with(|chosen| chosen.len());
    let says = move || if marked() == 0 { String::new() } else { tn("alerts-marked", stages.with(Vec::len)) };
    view! {
        <div class="toolbar bulk">
            <AlertActions alerts=alerts stages=stages after=Callback::new(move |()| go_on(desk)) />
            <span class="num strong" role="status" data-testid="marked">{says}</span>
            <Show when=move || { marked() > 0 }>
                <button type="button" class="link" on:click=move |_| triage.chosen.set(Default::default())>{t("alerts-unmark")}</button>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn Head() -> impl IntoView {
    let desk = Desk::here();
    let triage = desk.triage;
    let all = move || {
        let count = triage.lines.with(Vec::len);
        count > 0 && triage.chosen.with(|chosen| chosen.len()) >= count
    };
    let mark_all = move |event| {
        let lines = triage.lines.get_untracked().into_iter();
        triage.chosen.set(if event_target_checked(&event) { lines.collect() } else { Default::default() });
    };
    view! {
        <div class="thead">
            <input type="checkbox" class="a-choose" data-testid="choose-all" aria-label=t("alerts-mark-all") prop:checked=all on:change=mark_all />
            <span></span>
            <span>{t("column-time")}</span>
            <span>{t("column-what")}</span>
            <span class="a-group">{t("column-who-where")}</span>
            <span class="a-stage">{t("column-stage")}</span>
            <span class="a-age">{t("column-age")}</span>
            <span class="a-actions"></span>
        </div>
    }
    .into_any()
}
