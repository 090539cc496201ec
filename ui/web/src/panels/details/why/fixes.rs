//! The fixes of an explanation one by one: where each was, how well that was known, and what it says.

use leptos::prelude::*;
use map::evidence_color;
use protocol::view::{FixSays, JudgedFixView, StandingView};

use super::{SaysMark, metres};
use crate::state::Desk;
use crate::words::{fix_says_text, t, tf, tn};

#[component]
pub(super) fn Fixes(fixes: Vec<JudgedFixView>, fence: bool) -> impl IntoView {
    // The deviation that fills half of the bar; what is farther is clipped.
    let widest = fixes
        .iter()
        .filter(|fix| fix.decides)
        .filter_map(|fix| fix.dist_m)
        .fold(50.0, |most: f64, m| most.max(m.abs()));
    let rows = fixes.into_iter().enumerate();
    let dist = if fence { t("why-border") } else { t("why-distance") };
    view! {
        <div class="why-table">
            <table class="grid" data-testid="why-fixes">
                <thead><tr>
                    <th>{t("column-time")}</th>
                    <th class="end">{dist}</th>
                    <th class="bar-cell" aria-hidden="true"></th>
                    <th class="end" title=t("why-accuracy-hint")>{t("why-accuracy")}</th>
                    <th>{t("why-says")}</th>
                    <th>{t("why-standing")}</th>
                </tr></thead>
                <tbody>{rows.map(|(n, fix)| view! { <FixRow n=n fix=fix fence=fence widest=widest /> }).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn FixRow(n: usize, fix: JudgedFixView, fence: bool, widest: f64) -> impl IntoView {
    let desk = Desk::here();
    let marked = move || desk.look.fix.get() == Some(n);
    let time = fix.fix.fix_time.with_timezone(&desk.zone()).format("%H:%M:%S").to_string();
    let dist = fix.dist_m.map_or_else(|| t("none").to_owned(), |m| signed_metres(m, fence));
    let JudgedFixView { acc95_m, says, standing, decides, .. } = fix;
    let bar = fix.dist_m.map(|m| view! { <Bar dist_m=m acc95_m=acc95_m widest=widest says=says /> });
    view! {
        <tr
            data-testid="why-fix"
            data-decides=decides.to_string()
            class:decides=decides
            class:marked=marked
            on:mouseenter=move |_| desk.look.fix.set(Some(n))
            on:mouseleave=move |_| desk.look.fix.set(None)
        >
            <td class="num">
                <button type="button" class="link" title=t("why-show-fix") on:focus=move |_| desk.look.fix.set(Some(n))
                    on:click=move |_| show_fix(desk, &fix)>{time}</button>
            </td>
            <td class="end num">{dist}</td>
            <td class="bar-cell">{bar}</td>
            <td class="end num">"± " {metres(acc95_m)}</td>
            <td><SaysMark says=says /> " " {fix_says_text(says, fence)}</td>
            <td>{standing_text(standing, fence)}</td>
        </tr>
    }
    .into_any()
}

fn show_fix(desk: Desk, fix: &JudgedFixView) {
    let center = fix.fix.at;
    desk.map.order(move |map| {
        let zoom = map.view().zoom.max(17.0);
        map.set_view(map::MapView { center, zoom });
    });
}

/// `12 m inside`, `30 m outside`; for a rule only how far.
fn signed_metres(m: f64, fence: bool) -> String {
    match (fence, m < 0.0) {
        (true, true) => tf("metres-inside", &[("n", &metres(-m))]),
        (true, false) => tf("metres-outside", &[("n", &metres(m))]),
        (false, _) => metres(m),
    }
}

/// The error circle along the way to the border, which is the line in the middle: inside to the left.
#[component]
fn Bar(dist_m: f64, acc95_m: f64, widest: f64, says: FixSays) -> impl IntoView {
    let percent = |m: f64| (50.0 + m / widest * 40.0).clamp(0.0, 100.0);
    let (from, to, at) = (percent(dist_m - acc95_m), percent(dist_m + acc95_m), percent(dist_m));
    let desk = Desk::here();
    let style = move || {
        let theme = if desk.look.dark.get() { map::Theme::Dark } else { map::Theme::Light };
        let [r, g, b] = evidence_color(says, theme);
        format!("--says:rgb({r},{g},{b});--from:{from:.1}%;--to:{to:.1}%;--at:{at:.1}%")
    };
    view! { <span class="dist-bar" aria-hidden="true" style=style><i></i><b></b></span> }.into_any()
}

/// What is known after a fix.
fn standing_text(standing: StandingView, fence: bool) -> String {
    match standing {
        StandingView::Unknown => t("standing-view-unknown").to_owned(),
        StandingView::Outside if fence => t("says-beyond").to_owned(),
        StandingView::Outside => t("says-holds-not").to_owned(),
        StandingView::Entering { fixes, .. } => tn("standing-view-entering", fixes as usize),
        StandingView::Inside { .. } if fence => t("says-inside").to_owned(),
        StandingView::Inside { .. } => t("says-holds").to_owned(),
        StandingView::Leaving { fixes, .. } => tn("standing-view-leaving", fixes as usize),
    }
}
