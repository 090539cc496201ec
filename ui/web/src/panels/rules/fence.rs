//! The rules of a fence, as they are; they are edited with the fence.

use domain::PoiId;
use leptos::prelude::*;
use protocol::view::Subject;

use super::{fence_about, fence_rules_text};
use crate::panels::details::Gone;
use crate::state::{Desk, Page};
use crate::words::t;

/// What the fence says, and the way to it.
#[component]
pub fn FenceSide(id: PoiId) -> impl IntoView {
    let desk = Desk::here();
    let poi = move || desk.rows.pois.get(id);
    let open = move |_| {
        desk.look.page.set(Page::Desk);
        desk.show(Subject::Poi(id));
    };
    view! {
        <Show when=move || poi().is_some() fallback=|| view! { <Gone /> }>
            <header class="page-head"><h2>{move || desk.poi_name(id)}</h2></header>
            <div class="side-section">
                <p>{move || poi().and_then(|poi| poi.fence.as_ref().map(fence_rules_text))}</p>
                <p class="muted">{move || poi().map(|poi| fence_about(desk, &poi))}</p>
                <div class="actions"><button type="button" data-testid="show-fence" on:click=open>{t("rule-show-fence")}</button></div>
            </div>
        </Show>
    }
    .into_any()
}
