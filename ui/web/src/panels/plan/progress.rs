//! How far the planning is.

use leptos::prelude::*;
use protocol::view::{DeskRequest, PlanProgressView};

use crate::format;
use crate::state::Desk;
use crate::words::{t, tf, tn};

/// Steps, the best plan so far, and the way out.
#[component]
pub fn Progress() -> impl IntoView {
    let desk = Desk::here();
    let progress = desk.planning.progress;
    let stopping = RwSignal::new(false);
    let stop = move |_| {
        stopping.set(true);
        desk.ask(DeskRequest::CancelPlan);
    };
    let step = move || match progress.get() {
        PlanProgressView::Idle => t("plan-collecting").to_owned(),
        PlanProgressView::Drives { places } => tn("plan-drives", places as usize),
        PlanProgressView::Searching { share, .. } => {
            tf("plan-searching", &[("percent", &percent(share).to_string())])
        }
    };
    let best = move || match progress.get() {
        PlanProgressView::Searching { drive_secs, unassigned, .. } => Some(view! {
            <p class="num" data-testid="plan-best">
                {tf("plan-best", &[("drive", &format::duration(drive_secs))])} " · " {tn("plan-without", unassigned as usize)}
            </p>
        }),
        PlanProgressView::Idle | PlanProgressView::Drives { .. } => None,
    };
    let share = move || match progress.get() {
        PlanProgressView::Searching { share, .. } => Some(percent(share).to_string()),
        PlanProgressView::Idle | PlanProgressView::Drives { .. } => None,
    };
    view! {
        <div class="plan-progress" data-testid="plan-progress">
            <p class="strong" role="status" data-testid="plan-step">{step}</p>
            <progress max="100" value=share aria-label=t("plan-progress")></progress>
            {best}
            <button type="button" data-testid="stop-plan" disabled=move || stopping.get() on:click=stop>
                {move || if stopping.get() { t("plan-stopping") } else { t("plan-stop") }}
            </button>
        </div>
    }
    .into_any()
}

/// Whole per cents of a share.
fn percent(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_share_is_whole_per_cents_whatever_comes() {
        assert_eq!(percent(0.456), 46, "rounded");
        assert_eq!((percent(-1.0), percent(7.0)), (0, 100), "never beyond its ends");
        assert_eq!(percent(f32::NAN), 0, "no number is no progress");
    }
}
