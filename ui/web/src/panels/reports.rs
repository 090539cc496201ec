//! What the reports share: the days they look back over, asking again, and how figures are shown.

use std::time::Duration;

use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse};

use crate::kit::Empty;
use crate::state::Desk;
use crate::words::{error_text, t, tn};

/// So many days back a report can look.
const DAYS: [u16; 3] = [7, 30, 90];
/// Reports are asked for again so often while they are on the screen.
const REFRESH: Duration = Duration::from_secs(30);

/// What came of asking.
pub type Found<T> = RwSignal<Option<Result<T, String>>>;

/// Asks at once, when other days are chosen, and by the clock; an answer that is overtaken is dropped.
pub fn report<T: PartialEq + Send + Sync + 'static>(
    days: RwSignal<u16>,
    request: fn(u16) -> DeskRequest,
    take: fn(DeskResponse) -> Option<T>,
) -> Found<T> {
    let desk = Desk::here();
    let found: Found<T> = RwSignal::new(None);
    let ask = move || {
        let asked = days.get_untracked();
        leptos::task::spawn_local(async move {
            let answer = desk.request(request(asked)).await;
            if days.try_get_untracked() != Some(asked) {
                return;
            }
            let shown = match answer {
                Ok(response) => take(response).ok_or_else(|| t("error-internal").to_owned()),
                Err(error) => Err(error_text(&error)),
            };
            let shown = Some(shown);
            // What is the same is not drawn again: the focus and what is selected stay.
            if found.try_with_untracked(|known| *known != shown) == Some(true) {
                found.set(shown);
            }
        });
    };
    Effect::new(move |before: Option<u16>| {
        desk.loaded.track();
        let now = days.get();
        // The figures of other days do not stand below those that are chosen now.
        if before.is_some_and(|before| before != now) {
            found.set(None);
        }
        ask();
        now
    });
    if let Ok(timer) = set_interval_with_handle(ask, REFRESH) {
        on_cleanup(move || timer.clear());
    }
    found
}

/// What is shown: the report, why there is none, or that it is on its way.
pub fn shown<T: Clone + Send + Sync + 'static>(found: Found<T>, body: fn(T) -> AnyView) -> AnyView {
    (move || match found.get() {
        None => view! { <Empty text=t("loading") /> }.into_any(),
        Some(Err(text)) => {
            view! { <p class="field-error report-note" role="alert" data-testid="report-error">{text}</p> }
                .into_any()
        }
        Some(Ok(report)) => body(report),
    })
    .into_any()
}

/// The days that a report looks back over.
#[component]
pub fn Days(days: RwSignal<u16>) -> impl IntoView {
    let one = move |n: u16| {
        view! {
            <button type="button" class="chip" data-testid=format!("days-{n}") aria-pressed=move || (days.get() == n).to_string() on:click=move |_| days.set(n)>
                {tn("days", usize::from(n))}
            </button>
        }
    };
    view! { <div class="chips" role="group" aria-label=t("report-days")>{DAYS.map(one).collect_view()}</div> }
        .into_any()
}

/// The days that are looked at first: a month says enough, and is not yet history.
pub fn first_days() -> RwSignal<u16> {
    RwSignal::new(DAYS[1])
}

/// A number with its name; `hint` says what it means.
pub fn tile(
    text: &'static str,
    testid: &'static str,
    number: String,
    hint: &'static str,
    alarm: bool,
) -> AnyView {
    view! {
        <div class="tile" class:alarm=alarm data-testid=testid title=hint>
            <span class="tile-number num">{number}</span>
            <span>{text}</span>
        </div>
    }
    .into_any()
}

/// `87 %`; `–` where there is nothing to speak of.
pub fn percent(part: u32, whole: u32) -> String {
    if whole == 0 {
        return t("none").to_owned();
    }
    format!("{} %", (f64::from(part) * 100.0 / f64::from(whole)).round())
}

/// A line of a CSV file. What a spreadsheet would run as a formula is marked as text.
pub fn csv_line(fields: &[&str]) -> String {
    let field = |field: &&str| {
        let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let text = if is_formula { format!("'{field}") } else { (*field).to_owned() };
        if text.contains(['"', ',', ';', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    fields.iter().map(field).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_spreadsheets_is_text_and_nothing_else() {
        let line = csv_line(&["Boiler, \"old\"", "=1+1", "12", ""]);
        assert_eq!(line, "\"Boiler, \"\"old\"\"\",'=1+1,12,", "quoted, and no formula of a stranger runs");
    }

    #[test]
    fn shares_of_nothing_are_not_zero() {
        assert_eq!(percent(7, 8), "88 %", "rounded");
        assert_eq!(percent(0, 0), "–", "no promise, no share");
    }
}
