//! One suggestion: who, when, and what speaks for and against them.

use domain::ResourceId;
use domain::position::PositionState;
use leptos::prelude::*;
use protocol::view::SuggestionView;

use super::text::{arrival, arrival_hint, chips, facts};
use crate::kit::DotIcon;
use crate::state::Desk;
use crate::state::suggestions::as_of_now;

/// A suggestion without its actions.
#[component]
pub fn SuggestionLine(
    /// Who.
    resource: ResourceId,
    /// What is known of them; `None` when the list no longer has them.
    view: Signal<Option<SuggestionView>>,
    /// The list is of a past moment: what they do now is of no account.
    #[prop(optional)]
    past: bool,
) -> impl IntoView {
    let desk = Desk::here();
    let shown = Memo::new(move |_| {
        let view = view.get()?;
        Some(if past { view } else { as_of_now(view, position_now(desk, resource)) })
    });
    let marks = move || {
        let chips = shown.with(|view| view.as_ref().map(|view| chips(desk, view)).unwrap_or_default());
        let mark = |chip: super::text::Chip| view! { <li class="mark" data-tone=chip.tone title=chip.hint>{chip.text}</li> };
        (!chips.is_empty()).then(|| view! { <ul class="whys" data-testid="whys">{chips.into_iter().map(mark).collect_view()}</ul> })
    };
    let when = move || shown.with(|view| view.as_ref().and_then(|view| arrival(desk, view)));
    let how_sure = move || shown.with(|view| view.as_ref().map(|view| arrival_hint(desk, view)));
    view! {
        <DotIcon resource=resource />
        <span class="two-lines">
            <span class="suggestion-head">
                <span class="line-1">{move || desk.resource_name(resource)}</span>
                <span class="arrival num" data-testid="arrival" title=how_sure>{when}</span>
            </span>
            <span class="line-2 muted num">{move || shown.with(|view| view.as_ref().map(facts))}</span>
            {marks}
        </span>
    }
    .into_any()
}

/// What may be said of somebody's place now; of somebody who is not known here any more, nothing.
pub(super) fn position_now(desk: Desk, resource: ResourceId) -> PositionState {
    desk.rows.resources.get(resource).map_or(PositionState::OffDuty, |row| row.position)
}
