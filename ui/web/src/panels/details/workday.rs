//! A resource's day as far as plans go: when free, beyond the shift, by what it travels, what it can carry, breaks.

use domain::ResourceId;
use domain::resource::BreakRule;
use domain::travel::TravelMode;
use leptos::prelude::*;

use super::Fact;
use crate::format;
use crate::state::Desk;
use crate::words::{t, tf, travels_text};

/// Lines of the card; what is not known, or nothing special, is left out.
#[component]
pub(super) fn Workday(id: ResourceId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.resources.get(id);
    let free_at = move || row().and_then(|row| row.free_at);
    let free_text = move || {
        let at = free_at()?;
        let time = format::day_time(at, desk.zone(), desk.clock.minute());
        Some(tf("free-at", &[("time", &time), ("left", &format::time_left(at, desk.clock.get()))]))
    };
    let over_text = move || {
        let secs = row().and_then(|row| row.over_shift_secs)?;
        Some(tf("over-shift", &[("duration", &format::duration(secs))]))
    };
    let breaks = Memo::new(move |_| row().map(|row| row.card.breaks.clone()).unwrap_or_default());
    let travels = Memo::new(move |_| row().map(|row| row.card.travels).unwrap_or_default());
    let capacity = Memo::new(move |_| row().and_then(|row| row.card.capacity));
    view! {
        <Show when=move || free_at().is_some()>
            <Fact label=t("fact-free-at")><span class="num" data-testid="free-at">{free_text}</span></Fact>
        </Show>
        {move || over_text().map(|text| view! {
            <Fact label=t("fact-shift")><strong class="late" data-testid="over-shift">{text}</strong></Fact>
        })}
        <Show when=move || !breaks.with(Vec::is_empty)>
            <Fact label=t("fact-breaks")><span class="num">{move || breaks.with(|breaks| breaks_text(breaks))}</span></Fact>
        </Show>
        <Show when=move || travels.get() != TravelMode::Car>
            <Fact label=t("fact-travels")>{move || travels_text(travels.get())}</Fact>
        </Show>
        {move || capacity.get().map(|most| view! {
            <Fact label=t("fact-capacity")><span class="num">{most}</span></Fact>
        })}
    }
    .into_any()
}

/// `30 min between 12:00 and 13:00`
fn breaks_text(breaks: &[BreakRule]) -> String {
    let text = |rule: &BreakRule| {
        let minutes = format::duration(i64::from(rule.minutes) * 60);
        let (from, to) = (rule.from.format("%H:%M").to_string(), rule.to.format("%H:%M").to_string());
        tf("break-rule", &[("duration", &minutes), ("from", &from), ("to", &to)])
    };
    breaks.iter().map(text).collect::<Vec<_>>().join(", ")
}
