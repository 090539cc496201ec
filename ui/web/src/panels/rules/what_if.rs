//! What a fence would have said under other settings, beside what it says, and a proposal.

use domain::PoiId;
use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse};
use protocol::wire::{ConfirmSettings, FenceCounts, WhatIfRequest, WhatIfResponse};

use super::proposal::{Proposal, USUAL, candidates, propose};
use crate::format;
use crate::state::Desk;
use crate::words::{error_text, t, tf};

/// So many days back are offered.
const DAYS: [u16; 4] = [1, 3, 7, 14];

#[derive(Clone, Copy)]
struct Form {
    enter_secs: RwSignal<String>,
    leave_secs: RwSignal<String>,
    margin_m: RwSignal<String>,
    days: RwSignal<u16>,
    outcome: RwSignal<Option<Result<(ConfirmSettings, WhatIfResponse), String>>>,
    proposal: RwSignal<Option<Proposal>>,
    busy: RwSignal<bool>,
}

/// The form and what came of it.
#[component]
pub fn WhatIf(poi: PoiId) -> impl IntoView {
    let desk = Desk::here();
    let form = Form {
        enter_secs: RwSignal::new((USUAL.enter_confirm_secs * 2).to_string()),
        leave_secs: RwSignal::new((USUAL.leave_confirm_secs * 2).to_string()),
        margin_m: RwSignal::new(format!("{:.0}", USUAL.leave_margin_m)),
        days: RwSignal::new(7),
        outcome: RwSignal::new(None),
        proposal: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    let blocked = move || form.busy.get() || desk.is_offline();
    view! {
        <section class="section side-section" data-testid="what-if">
            <h3>{t("what-if")}</h3>
            <p class="muted small">{t("what-if-lead")}</p>
            <form class="what-if" novalidate=true on:submit=move |event| {
                event.prevent_default();
                try_one(desk, poi, form);
            }>
                <Number label=t("what-if-enter") testid="what-if-enter" value=form.enter_secs max="3600" />
                <Number label=t("what-if-leave") testid="what-if-leave" value=form.leave_secs max="3600" />
                <Number label=t("what-if-margin") testid="what-if-margin" value=form.margin_m max="1000" />
                <DaysField days=form.days />
                <div class="actions">
                    <button type="submit" data-testid="what-if-try" disabled=blocked>{t("what-if-try")}</button>
                    <button type="button" data-testid="what-if-propose" disabled=blocked on:click=move |_| search(desk, poi, form)>{t("what-if-propose")}</button>
                </div>
            </form>
            <Show when=move || desk.is_offline()><p class="small unassigned">{t("error-needs-connection")}</p></Show>
            <Show when=move || form.busy.get()><p class="muted" role="status">{t("what-if-busy")}</p></Show>
            {move || form.proposal.get().map(|proposal| view! { <ProposalView proposal=proposal form=form /> })}
            {move || form.outcome.get().map(|outcome| match outcome {
                Ok((settings, answer)) => view! { <Outcome settings=settings answer=answer /> }.into_any(),
                Err(text) => view! { <p class="field-error" role="alert" data-testid="what-if-error">{text}</p> }.into_any(),
            })}
        </section>
    }
    .into_any()
}

#[component]
fn Number(
    label: &'static str,
    testid: &'static str,
    value: RwSignal<String>,
    max: &'static str,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input type="number" min="0" max=max step="1" data-testid=testid prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event)) />
        </label>
    }
    .into_any()
}

#[component]
fn DaysField(days: RwSignal<u16>) -> impl IntoView {
    let option = |n: u16| {
        let selected = days.get_untracked() == n;
        view! { <option value=n.to_string() selected=selected>{crate::words::tn("days", usize::from(n))}</option> }
    };
    view! {
        <label class="field">
            <span>{t("what-if-days")}</span>
            <select data-testid="what-if-days" on:change=move |event| days.set(event_target_value(&event).parse().unwrap_or(7))>{DAYS.map(option).collect_view()}</select>
        </label>
    }
    .into_any()
}

/// The settings as typed; `None` when one is out of range.
fn typed(form: Form) -> Option<ConfirmSettings> {
    let number = |field: RwSignal<String>, most: u32| {
        field.with_untracked(|text| text.trim().parse::<u32>().ok()).filter(|n| *n <= most)
    };
    Some(ConfirmSettings {
        enter_confirm_secs: number(form.enter_secs, 3_600)?,
        leave_confirm_secs: number(form.leave_secs, 3_600)?,
        leave_margin_m: f64::from(number(form.margin_m, 1_000)?),
        dwell_secs: None,
    })
}

async fn run(desk: Desk, poi: PoiId, days: u16, settings: ConfirmSettings) -> Result<WhatIfResponse, String> {
    match desk.request(DeskRequest::WhatIf(WhatIfRequest { poi, days, settings })).await {
        Ok(DeskResponse::WhatIf(answer)) => Ok(answer),
        Ok(_) => Err(t("error-internal").to_owned()),
        Err(error) => Err(error_text(&error)),
    }
}

fn try_one(desk: Desk, poi: PoiId, form: Form) {
    let Some(settings) = typed(form) else {
        return form.outcome.set(Some(Err(t("what-if-range").to_owned())));
    };
    form.busy.set(true);
    form.proposal.set(None);
    let days = form.days.get_untracked();
    leptos::task::spawn_local(async move {
        let answer = run(desk, poi, days, settings).await;
        let _ = form.outcome.try_set(Some(answer.map(|answer| (settings, answer))));
        let _ = form.busy.try_set(false);
    });
}

/// Tries stricter and stricter settings until one is without flaps.
fn search(desk: Desk, poi: PoiId, form: Form) {
    form.busy.set(true);
    form.proposal.set(None);
    form.outcome.set(None);
    let days = form.days.get_untracked();
    leptos::task::spawn_local(async move {
        let mut tried = Vec::new();
        for settings in candidates(USUAL) {
            match run(desk, poi, days, settings).await {
                Ok(answer) => tried.push((settings, answer)),
                Err(text) => {
                    let _ = form.outcome.try_set(Some(Err(text)));
                    let _ = form.busy.try_set(false);
                    return;
                }
            }
            if matches!(propose(&tried), Proposal::NoFlaps | Proposal::Enough(..)) {
                break;
            }
        }
        let proposal = propose(&tried);
        let shown = match proposal {
            Proposal::Enough(settings, _) | Proposal::Fewest(settings, _) => {
                tried.into_iter().find(|(known, _)| *known == settings)
            }
            Proposal::NoFlaps | Proposal::TooDear => None,
        };
        let _ = form.proposal.try_set(Some(proposal));
        let _ = form.outcome.try_set(shown.map(Ok));
        let _ = form.busy.try_set(false);
    });
}

fn settings_text(settings: ConfirmSettings) -> String {
    let secs = |secs: u32| format::duration(i64::from(secs));
    let margin = format!("{:.0}", settings.leave_margin_m);
    let (enter, leave) = (secs(settings.enter_confirm_secs), secs(settings.leave_confirm_secs));
    tf("what-if-settings", &[("enter", &enter), ("leave", &leave), ("margin", &margin)])
}

#[component]
fn ProposalView(proposal: Proposal, form: Form) -> impl IntoView {
    let (text, settings) = match proposal {
        Proposal::NoFlaps => (t("proposal-no-flaps").to_owned(), None),
        Proposal::TooDear => (t("proposal-too-dear").to_owned(), None),
        Proposal::Enough(settings, _) => {
            (tf("proposal-enough", &[("settings", &settings_text(settings))]), Some(settings))
        }
        Proposal::Fewest(settings, counts) => {
            let (settings_text, n) = (settings_text(settings), counts.flaps.to_string());
            (tf("proposal-fewest", &[("settings", &settings_text), ("n", &n)]), Some(settings))
        }
    };
    if let Some(settings) = settings {
        form.enter_secs.set(settings.enter_confirm_secs.to_string());
        form.leave_secs.set(settings.leave_confirm_secs.to_string());
        form.margin_m.set(format!("{:.0}", settings.leave_margin_m));
    }
    view! {
        <div class="callout" role="status" data-testid="proposal">
            <strong>{t("proposal")}</strong> " " {text}
            <Show when=move || settings.is_some()><p class="small muted">{t("proposal-how")}</p></Show>
        </div>
    }
    .into_any()
}

/// Now and then, side by side.
#[component]
fn Outcome(settings: ConfirmSettings, answer: WhatIfResponse) -> impl IntoView {
    let line = |label: &'static str, of: fn(&FenceCounts) -> u32| {
        let (now, then) = (of(&answer.now), of(&answer.then));
        let change = i64::from(then) - i64::from(now);
        let sign = if change > 0 { format!("+{change}") } else { change.to_string().replace('-', "−") };
        view! {
            <tr><th scope="row">{label}</th><td class="end num">{now}</td><td class="end num strong">{then}</td><td class="end num muted">{sign}</td></tr>
        }
    };
    let seen = [("people", answer.resources.to_string()), ("fixes", answer.fixes.to_string())];
    let seen = seen.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>();
    view! {
        <table class="grid" data-testid="what-if-outcome">
            <thead><tr><th></th><th class="end">{t("what-if-now")}</th><th class="end">{t("what-if-then")}</th><th class="end">{t("what-if-change")}</th></tr></thead>
            <tbody>
                {line(t("topic-fence-entered"), |counts| counts.entered)}
                {line(t("topic-fence-left"), |counts| counts.left)}
                {line(t("topic-fence-dwell"), |counts| counts.dwelt)}
                {line(t("topic-fence-crossed"), |counts| counts.crossed)}
                {line(t("what-if-flaps"), |counts| counts.flaps)}
            </tbody>
        </table>
        <p class="small muted">{settings_text(settings)} " · " {tf("what-if-seen", &seen)}</p>
    }
    .into_any()
}
