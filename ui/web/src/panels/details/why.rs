//! Why something fired, or why nothing did: the verdict in words, the figures of the rule, and every fix as it was judged, here and
//! on the map.

use domain::position::PositionState;
use leptos::prelude::*;
use map::{Evidence, evidence_color};
use protocol::view::{DeskRequest, DeskResponse, ExplanationBasis, ExplanationView, FixSays};

use crate::format;
use crate::panels::rules::bare_condition_text;
use crate::state::Desk;
use crate::words::{error_text, fix_says_text, t, tf, tn};

mod fixes;
mod verdict;

use fixes::Fixes;
use verdict::verdict_text;

/// What came of asking.
type Found = RwSignal<Option<Result<ExplanationView, String>>>;

/// A button that asks, and the answer. Nothing is asked by itself: looking at a track is recorded.
#[component]
pub fn Why(
    /// What is asked.
    request: DeskRequest,
    /// The section's heading.
    title: &'static str,
    /// The button's text.
    action: &'static str,
) -> impl IntoView {
    let desk = Desk::here();
    let found: Found = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let ask = move |_| ask(desk, request.clone(), found, busy);
    view! {
        <section class="section" data-testid="why">
            <h3>{title}</h3>
            <Show when=move || !found.with(|found| matches!(found, Some(Ok(_))))>
                <div class="row">
                    <button type="button" data-testid="why-ask" disabled=move || busy.get() title=t("why-hint") on:click=ask.clone()>{action}</button>
                    <span class="muted small" role="status">{move || if busy.get() { t("loading") } else { t("why-recorded") }}</span>
                </div>
            </Show>
            <Answer found=found />
        </section>
    }
    .into_any()
}

/// Asks, and shows the answer here and on the map.
pub fn ask(desk: Desk, request: DeskRequest, found: Found, busy: RwSignal<bool>) {
    busy.set(true);
    // What was asked before is no answer to this.
    found.set(None);
    leptos::task::spawn_local(async move {
        let answer = match desk.request(request).await {
            Ok(DeskResponse::Explanation(view)) => Ok(*view),
            Ok(_) => Err(t("error-internal").to_owned()),
            Err(error) => Err(error_text(&error)),
        };
        // Whoever asked may have gone on.
        if busy.try_set(false).is_some() {
            return;
        }
        found.set(Some(answer));
    });
}

/// The answer; while it is shown, the map shows what it rests on.
#[component]
pub fn Answer(found: Found) -> impl IntoView {
    let desk = Desk::here();
    on_cleanup(move || {
        desk.look.fix.set(None);
        desk.map.order(|map| map.set_evidence(None));
    });
    Effect::new(move |_| {
        let evidence =
            found.with(|found| found.as_ref().and_then(|found| found.as_ref().ok().map(Evidence::of)));
        let some = evidence.as_ref().is_some_and(|evidence| !evidence.fixes.is_empty());
        desk.map.order(move |map| {
            map.set_evidence(evidence);
            if some {
                map.fit_evidence();
            }
        });
    });
    take_away_when_private(desk, found);
    Effect::new(move |_| {
        let fix = desk.look.fix.get();
        desk.map.order(move |map| map.mark_evidence(fix));
    });
    move || {
        found.get().map(|found| match found {
            Ok(view) => view! { <Explanation view=view /> }.into_any(),
            Err(text) => {
                view! { <p class="field-error" role="alert" data-testid="why-error">{text}</p> }.into_any()
            }
        })
    }
}

/// Whoever switches location sharing off is not looked at any more: what is shown of their way goes at once.
fn take_away_when_private(desk: Desk, found: Found) {
    let private = Memo::new(move |_| {
        let shown = |found: &Option<Result<ExplanationView, String>>| match found {
            Some(Ok(view)) => Some(view.resource),
            Some(Err(_)) | None => None,
        };
        let row = desk.rows.resources.get(found.with(shown)?)?;
        Some(matches!(row.position, PositionState::Private { .. }))
    });
    Effect::new(move |before: Option<Option<bool>>| {
        let now = private.get();
        // Who was private already when it was asked has the gaps told; only the switch takes something away.
        if before == Some(Some(false)) && now == Some(true) {
            found.set(None);
        }
        now
    });
}

#[component]
fn Explanation(view: ExplanationView) -> impl IntoView {
    let desk = Desk::here();
    let verdict = verdict_text(desk, &view);
    let basis = basis_text(desk, &view.basis);
    let gaps = view.gaps.iter().map(|gap| gap_text(desk, gap.from, gap.to)).collect::<Vec<_>>();
    let is_fence = matches!(view.basis, ExplanationBasis::Fence { .. });
    let some = !view.fixes.is_empty();
    view! {
        <div class="why" data-testid="explanation" data-from=if view.from_server { "server" } else { "desk" }>
            <p class="callout verdict" data-testid="verdict"><strong>{verdict}</strong></p>
            {basis.map(|text| view! { <p class="small muted" data-testid="why-basis">{text}</p> })}
            <Show when=move || !view.from_server><p class="small unassigned" data-testid="why-own-memory">{t("why-own-memory")}</p></Show>
            {gaps.into_iter().map(|text| view! { <p class="small unassigned" data-testid="why-gap">{text}</p> }).collect_view()}
            {some.then(|| view! { <Legend fence=is_fence /> <Fixes fixes=view.fixes.clone() fence=is_fence /> })}
        </div>
    }
    .into_any()
}

fn gap_text(
    desk: Desk,
    from: chrono::DateTime<chrono::Utc>,
    to: Option<chrono::DateTime<chrono::Utc>>,
) -> String {
    let time = |at| format::clock_time(at, desk.zone());
    match to {
        Some(to) => tf("why-gap", &[("from", &time(from)), ("to", &time(to))]),
        None => tf("why-gap-open", &[("from", &time(from))]),
    }
}

/// The figures that it was measured by.
fn basis_text(desk: Desk, basis: &ExplanationBasis) -> Option<String> {
    let secs = |secs: u32| format::duration(i64::from(secs));
    match basis {
        ExplanationBasis::Fence {
            poi,
            version,
            size_m,
            leave_margin_m,
            enter_confirm_secs,
            leave_confirm_secs,
            confirm_fixes,
        } => Some(tf(
            "basis-fence",
            &[
                ("place", &desk.poi_name(*poi)),
                ("version", &version.to_string()),
                ("size", &metres(*size_m)),
                ("margin", &metres(*leave_margin_m)),
                ("enter", &secs(*enter_confirm_secs)),
                ("leave", &secs(*leave_confirm_secs)),
                ("fixes", &tn("fixes", *confirm_fixes as usize)),
            ],
        )),
        ExplanationBasis::Rule { rule, condition, min_duration_secs } => Some(tf(
            "basis-rule",
            &[
                ("name", &desk.rule_name(*rule)),
                ("condition", &bare_condition_text(desk, *condition)),
                ("duration", &secs(*min_duration_secs)),
            ],
        )),
        ExplanationBasis::BuiltIn => None,
    }
}

/// Metres to the metre: what decides may be a few of them.
fn metres(m: f64) -> String {
    if m.abs() < 1_000.0 { tf("distance-m", &[("n", &format!("{m:.0}"))]) } else { format::distance(m) }
}

/// What the colours mean, in the table and on the map.
#[component]
fn Legend(fence: bool) -> impl IntoView {
    let shown = [FixSays::Inside, FixSays::Beyond, FixSays::Undecided, FixSays::TooInaccurate];
    view! {
        <ul class="plain why-legend" aria-label=t("map-legend")>
            {shown.map(|says| view! { <li><SaysMark says=says /> {fix_says_text(says, fence)}</li> }).into_iter().collect_view()}
            <li><span class="decides-mark" aria-hidden="true"></span> {t("why-decides")}</li>
        </ul>
    }
    .into_any()
}

#[component]
fn SaysMark(says: FixSays) -> impl IntoView {
    let desk = Desk::here();
    let color = move || {
        let theme = if desk.look.dark.get() { map::Theme::Dark } else { map::Theme::Light };
        let [r, g, b] = evidence_color(says, theme);
        format!("--says: rgb({r},{g},{b})")
    };
    view! { <span class="says-mark" data-says=format!("{says:?}").to_lowercase() style=color aria-hidden="true"></span> }.into_any()
}
