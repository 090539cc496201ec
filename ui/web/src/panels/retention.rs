//! How long this desk keeps what it has: by type of data, what goes next, and what has gone.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};
use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse, PurgeView, RetentionRuleView, RetentionView};

use crate::format;
use crate::kit::{Empty, Modal};
use crate::state::Desk;
use crate::words::{error_text, retained_text, t, tf, tn};

/// The dialog.
#[component]
pub fn RetentionDialog(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let today = desk.clock.minute().with_timezone(&desk.zone()).date_naive();
    let until = RwSignal::new(coming_friday(today));
    let found = ask(desk, until);
    let pick = move |event| {
        if let Ok(picked) = event_target_value(&event).parse::<NaiveDate>() {
            until.set(picked);
        }
    };
    view! {
        <Modal title=t("retention") testid="retention-dialog" wide=true close=close>
            <div class="modal-body">
                <p class="muted">{t("retention-lead")}</p>
                <label class="row">
                    {t("retention-until")}
                    <input type="date" class="date" data-testid="retention-until" min=today.to_string() autofocus=true
                        prop:value=move || until.get().to_string() on:change=pick />
                </label>
                {move || match found.get() {
                    None => view! { <p class="muted" role="status">{t("loading")}</p> }.into_any(),
                    Some(Err(text)) => view! { <p class="field-error" role="alert">{text}</p> }.into_any(),
                    Some(Ok(view)) => view! { <Rules rules=view.rules until=until.get_untracked() /> <Purges purges=view.purges /> }.into_any(),
                }}
            </div>
        </Modal>
    }
    .into_any()
}

/// What came of asking.
type Found = RwSignal<Option<Result<RetentionView, String>>>;

/// Asks again whenever another day is picked; what is shown stays until the answer is there.
fn ask(desk: Desk, until: RwSignal<NaiveDate>) -> Found {
    let found: Found = RwSignal::new(None);
    Effect::new(move |_| {
        let day = until.get();
        let night = day.checked_add_days(Days::new(1)).unwrap_or(day);
        let until_at = domain::attendance::instant(night, NaiveTime::MIN, desk.zone());
        leptos::task::spawn_local(async move {
            let answer = desk.request(DeskRequest::Retention { until: until_at }).await;
            if until.try_get_untracked() != Some(day) {
                return;
            }
            let shown = match answer {
                Ok(DeskResponse::Retention(view)) => Ok(view),
                Ok(_) => Err(t("error-internal").to_owned()),
                Err(error) => Err(error_text(&error)),
            };
            let _ = found.try_set(Some(shown));
        });
    });
    found
}

/// The end of this week's work; on a Friday the next one.
fn coming_friday(today: NaiveDate) -> NaiveDate {
    let ahead = (7 + Weekday::Fri.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
    let days = if ahead == 0 { 7 } else { ahead };
    today.checked_add_days(Days::new(u64::from(days))).unwrap_or(today)
}

#[component]
fn Rules(rules: Vec<RetentionRuleView>, until: NaiveDate) -> impl IntoView {
    let desk = Desk::here();
    let row = move |rule: RetentionRuleView| {
        let oldest = rule.oldest.map(|at| format::day_time(at, desk.zone(), desk.clock.minute()));
        view! {
            <tr data-testid="retention-row" data-id=format!("{:?}", rule.data).to_lowercase()>
                <th scope="row">{retained_text(rule.data)}</th>
                <td class="num end">{tn("days", rule.days as usize)}</td>
                <td class="num end">{rule.rows}</td>
                <td class="num end">{oldest.unwrap_or_else(|| t("none").to_owned())}</td>
                <td class="num end" class:strong={rule.going > 0}>{rule.going}</td>
            </tr>
        }
    };
    view! {
        <table class="grid" data-testid="retention">
            <thead>
                <tr>
                    <th scope="col">{t("retention-data")}</th>
                    <th scope="col" class="end">{t("retention-kept")}</th>
                    <th scope="col" class="end">{t("retention-rows")}</th>
                    <th scope="col" class="end">{t("retention-oldest")}</th>
                    <th scope="col" class="end">{tf("retention-going", &[("day", &until.format("%a %-d %b %Y").to_string())])}</th>
                </tr>
            </thead>
            <tbody>{rules.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Purges(purges: Vec<PurgeView>) -> impl IntoView {
    let desk = Desk::here();
    let line = move |PurgeView { at, removed }: PurgeView| {
        let parts: Vec<String> = removed
            .iter()
            .filter(|(_, rows)| *rows > 0)
            .map(|(data, rows)| format!("{} {rows}", retained_text(*data)))
            .collect();
        let text = if parts.is_empty() { t("purge-nothing").to_owned() } else { parts.join(" · ") };
        view! { <li><span class="num muted">{format::day_time(at, desk.zone(), desk.clock.minute())}</span><span>{text}</span></li> }
    };
    let list = if purges.is_empty() {
        view! { <Empty text=t("purges-none") /> }.into_any()
    } else {
        view! { <ol class="timeline" data-testid="purges">{purges.into_iter().map(line).collect_view()}</ol> }
            .into_any()
    };
    view! { <section class="section"><h3>{t("purges")}</h3>{list}</section> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_week_ends_on_the_next_friday() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        assert_eq!(coming_friday(day("2026-11-23")), day("2026-11-27"), "on a Monday: this week's");
        assert_eq!(coming_friday(day("2026-11-27")), day("2026-12-04"), "on a Friday: the next one");
        assert_eq!(coming_friday(day("2026-11-28")), day("2026-12-04"), "on a Saturday: next week's");
    }
}
