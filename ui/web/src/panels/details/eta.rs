//! When somebody arrives, counted down, with how sure that is and where it comes from.

use domain::TaskId;
use leptos::prelude::*;
use protocol::view::EtaView;

use crate::format;
use crate::state::Desk;
use crate::words::{t, tf};

/// The arrival at a task; nothing where nobody is expected.
#[component]
pub(super) fn Arrival(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let eta = Memo::new(move |_| desk.rows.tasks.get(id).and_then(|row| row.eta.clone()));
    let left = move || {
        let p50 = eta.with(|eta| format::arrival(eta.as_ref()))?;
        Some(format::time_left(p50, desk.clock.get()))
    };
    let text = move || {
        eta.with(|eta| eta.as_ref().map(|eta| format::eta_text(eta, desk.zone(), desk.clock.minute())))
    };
    let late = move || eta.with(|eta| format::late_secs(eta.as_ref()));
    let maybe_late = move || eta.with(|eta| format::maybe_late_secs(eta.as_ref()));
    let estimated =
        move || eta.with(|eta| matches!(eta, Some(EtaView::Expected { source, .. }) if !source.is_by_road()));
    view! {
        {move || left().map(|left| view! { <strong class="num" data-testid="eta-left">{left}</strong> })}
        <span class="num" data-testid="eta-text">{text}</span>
        <Show when=estimated><span class="tag" title=t("shortfall-estimate-hint")>{t("shortfall-estimate")}</span></Show>
        {move || late().map(|secs| view! {
            <strong class="late" data-testid="eta-late">{tf("eta-late", &[("duration", &format::duration(secs))])}</strong>
        })}
        {move || maybe_late().map(|secs| view! {
            <span class="tag" data-testid="eta-maybe-late" title=t("eta-maybe-late-hint")>{tf("eta-maybe-late", &[("duration", &format::duration(secs))])}</span>
        })}
    }
    .into_any()
}
