//! What the day comes to now and with the plan.

use leptos::prelude::*;

use crate::format;
use crate::state::Desk;
use crate::state::plan::{Figure, Trend, figures};
use crate::words::{figure_text, t, tf};

/// One card per figure: before, after, and in words whether that is better.
#[component]
pub fn Comparison() -> impl IntoView {
    let desk = Desk::here();
    let planning = desk.planning;
    let lines = Memo::new(move |_| planning.plan.with(|plan| plan.as_ref().map(figures)));
    let card = |(figure, before, after, trend): (Figure, u64, u64, Trend)| {
        let (then, now) = (value(figure, before), value(figure, after));
        let spoken = tf("plan-figure-spoken", &[("before", &then), ("after", &now)]);
        view! {
            <li class="plan-figure" data-testid="plan-figure" data-figure=format!("{figure:?}") data-trend=format!("{trend:?}").to_lowercase()>
                <span class="plan-figure-name">{figure_text(figure)}</span>
                <span class="num plan-figure-values" aria-hidden="true">
                    <span class="muted">{then}</span> <span class="muted">"→"</span> <strong data-testid="plan-after">{now}</strong>
                </span>
                <span class="sr-only">{spoken}</span>
                <span class="trend">{trend_text(figure, before.abs_diff(after), trend)}</span>
            </li>
        }
    };
    view! {
        <ul class="plain plan-figures" class:counting=move || planning.counting.get() data-testid="plan-figures" aria-label=t("plan-figures")>
            {move || lines.get().map(|lines| lines.map(card).collect_view())}
        </ul>
    }
    .into_any()
}

/// `1 h 12 min`, `24 km`, `3`
fn value(figure: Figure, value: u64) -> String {
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    match figure {
        Figure::Drive | Figure::Waiting | Figure::Lateness | Figure::Overtime => format::duration(value),
        Figure::Way => format::distance(value as f64),
        Figure::LateTasks | Figure::BrokenPromises | Figure::LeftOut => value.to_string(),
    }
}

/// `▼ 20 min less`: the arrow is where the figure goes, the colour only repeats whether that is good.
fn trend_text(figure: Figure, difference: u64, trend: Trend) -> String {
    let values = [("n", &*value(figure, difference))];
    match trend {
        Trend::Better => tf("plan-better", &values),
        Trend::Same => t("plan-same").to_owned(),
        Trend::Worse => tf("plan-worse", &values),
    }
}
