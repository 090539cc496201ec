//! Where travel times come from, and how fast the roads are.

use domain::access::Action;
use leptos::prelude::*;
use protocol::view::{
    DeskRequest, DeskResponse, EngineKind, EngineSettings, EngineState, EngineTestView, TravelView,
};

use crate::format;
use crate::kit::Modal;
use crate::state::{Desk, ToastKind};
use crate::words::{engine_fault_text, engine_text, error_text, t, tf, travels_text};

mod speeds;

use speeds::Speeds;

const KINDS: [EngineKind; 3] = [EngineKind::Roads, EngineKind::Osrm, EngineKind::Valhalla];
/// Shortest and longest wait for an answer, milliseconds; the protocol's own limits.
const TIMEOUT_MS: (u32, u32) = (50, 10_000);

/// What is shown, and what is being done.
#[derive(Clone, Copy)]
struct Settings {
    view: RwSignal<Option<TravelView>>,
    error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

impl Settings {
    /// Asks, and shows the settings that are answered; `done` is said then.
    fn ask(self, desk: Desk, request: DeskRequest, done: Option<&'static str>) {
        let _ = self.busy.try_set(true);
        leptos::task::spawn_local(async move {
            let answer = desk.request(request).await;
            let _ = self.busy.try_set(false);
            let problem = match answer {
                Ok(DeskResponse::Travel(view)) => {
                    let _ = self.view.try_set(Some(*view));
                    done.inspect(|text| desk.say(ToastKind::Done, (*text).to_owned()));
                    None
                }
                Ok(_) => Some(t("error-internal").to_owned()),
                Err(problem) => Some(error_text(&problem)),
            };
            let _ = self.error.try_set(problem);
        });
    }
}

/// The dialog.
#[component]
pub fn TravelDialog(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let settings =
        Settings { view: RwSignal::new(None), error: RwSignal::new(None), busy: RwSignal::new(false) };
    settings.ask(desk, DeskRequest::TravelSettings, None);
    let is_there = Memo::new(move |_| settings.view.with(Option::is_some));
    view! {
        <Modal title=t("travel") testid="travel-dialog" wide=true close=close>
            <div class="modal-body travel">
                {move || settings.error.get().map(|text| view! { <p class="field-error" role="alert" data-testid="travel-error">{text}</p> })}
                {move || match is_there.get() {
                    true => view! {
                        <Region settings=settings />
                        <Engine settings=settings />
                        <Speeds settings=settings />
                    }.into_any(),
                    false if settings.error.with(Option::is_none) => view! { <p class="muted" role="status">{t("loading")}</p> }.into_any(),
                    false => ().into_any(),
                }}
            </div>
            <footer class="modal-foot">
                <button type="button" class="primary" data-testid="travel-close" on:click=move |_| close.run(())>{t("close")}</button>
            </footer>
        </Modal>
    }
    .into_any()
}

/// What the installed region knows.
#[component]
fn Region(settings: Settings) -> impl IntoView {
    let text = move || {
        settings.view.with(|view| {
            let view = view.as_ref()?;
            let modes: Vec<&str> = view.modes.iter().map(|mode| travels_text(*mode)).collect();
            Some(match modes.as_slice() {
                [] => tf("travel-no-region", &[("region", &view.region)]),
                modes => tf("travel-region", &[("region", &view.region), ("modes", &modes.join(", "))]),
            })
        })
    };
    let is_missing =
        move || settings.view.with(|view| view.as_ref().is_some_and(|view| view.modes.is_empty()));
    view! { <p class="callout small" class:decide=is_missing data-testid="travel-region">{text}</p> }
        .into_any()
}

/// The engine that is asked first, as it is being chosen.
#[component]
fn Engine(settings: Settings) -> impl IntoView {
    let desk = Desk::here();
    let saved = Memo::new(move |_| {
        settings.view.with(|view| view.as_ref().map(|view| view.engine.clone()).unwrap_or_default())
    });
    let draft = RwSignal::new(saved.get_untracked());
    let tested = RwSignal::new(None::<Tested>);
    let is_remote = Memo::new(move |_| draft.with(|draft| draft.kind != EngineKind::Roads));
    // The roads of this computer have no address: a forgotten one is no change.
    let is_changed = Memo::new(move |_| {
        let (draft, saved) = (draft.get(), saved.get());
        draft != saved && (draft.kind != EngineKind::Roads || saved.kind != EngineKind::Roads)
    });
    // A result belongs to what was tested.
    Effect::new(move |_| {
        draft.track();
        tested.set(None);
    });
    let save = move |_| {
        settings.ask(desk, DeskRequest::SetTravelEngine(draft.get_untracked()), Some(t("travel-saved")))
    };
    view! {
        <section class="section" aria-label=t("travel-engine")>
            <h3>{t("travel-engine")}</h3>
            <fieldset class="travel-part" disabled=move || !desk.may(Action::EditTask)>
                <Kinds draft=draft />
                <Show when=move || is_remote.get()><Address draft=draft /></Show>
                <State settings=settings />
                <p class="muted small">{move || if is_remote.get() { t("travel-fallback") } else { t("travel-fallback-roads") }}</p>
                <div class="row">
                    <Show when=move || is_remote.get()><Test draft=draft tested=tested /></Show>
                    <button type="button" class="primary" data-testid="travel-save" disabled=move || !is_changed.get() || settings.busy.get() on:click=save>{t("travel-use")}</button>
                    <Show when=move || is_changed.get()><span class="muted small">{t("travel-unsaved")}</span></Show>
                </div>
                <TestResult tested=tested />
            </fieldset>
        </section>
    }
    .into_any()
}

#[component]
fn Kinds(draft: RwSignal<EngineSettings>) -> impl IntoView {
    let option = move |kind: EngineKind| {
        view! {
            <label class="check">
                <input type="radio" name="travel-engine" data-testid=format!("engine-{kind:?}").to_lowercase()
                    prop:checked=move || draft.with(|draft| draft.kind == kind) on:change=move |_| draft.update(|draft| draft.kind = kind) />
                {engine_text(kind)}
            </label>
        }
    };
    view! { <div class="travel-kinds" role="radiogroup" aria-label=t("travel-engine")>{KINDS.map(option).collect_view()}</div> }.into_any()
}

#[component]
fn Address(draft: RwSignal<EngineSettings>) -> impl IntoView {
    let example = move || match draft.with(|draft| draft.kind) {
        EngineKind::Valhalla => t("travel-url-valhalla"),
        EngineKind::Osrm | EngineKind::Roads => t("travel-url-osrm"),
    };
    let set_timeout_ms = move |event| {
        if let Ok(millis) = event_target_value(&event).parse::<u32>() {
            draft.update(|draft| draft.timeout_ms = millis.clamp(TIMEOUT_MS.0, TIMEOUT_MS.1));
        }
    };
    view! {
        <div class="travel-address">
            <label class="field">
                <span>{t("travel-url")}</span>
                <input type="url" data-testid="travel-url" placeholder=example spellcheck="false" autocomplete="off"
                    prop:value=move || draft.with(|draft| draft.url.clone())
                    on:input=move |event| draft.update(|draft| draft.url = event_target_value(&event).trim().to_owned()) />
            </label>
            <label class="field">
                <span>{t("travel-timeout")}</span>
                <input type="number" data-testid="travel-timeout" min=TIMEOUT_MS.0.to_string() max=TIMEOUT_MS.1.to_string() step="50"
                    prop:value=move || draft.with(|draft| draft.timeout_ms.to_string()) on:change=set_timeout_ms />
            </label>
        </div>
        <p class="callout decide small" data-testid="travel-privacy">{t("travel-privacy")}</p>
    }
    .into_any()
}

/// How the engine in use does.
#[component]
fn State(settings: Settings) -> impl IntoView {
    let desk = Desk::here();
    move || {
        let (kind, state) =
            settings.view.with(|view| view.as_ref().map(|view| (view.engine.kind, view.state)))?;
        let engine = engine_text(kind);
        let (text, name) = match state {
            EngineState::Ready if kind == EngineKind::Roads => (t("travel-state-own").to_owned(), "ready"),
            EngineState::Ready => (tf("travel-state-ready", &[("engine", engine)]), "ready"),
            EngineState::Answering { millis } => (
                tf("travel-state-answering", &[("engine", engine), ("ms", &millis.to_string())]),
                "answering",
            ),
            EngineState::Failing { since, fault } => {
                let since = format::day_time(since, desk.zone(), desk.clock.minute());
                let values = [("engine", engine), ("time", &since), ("why", &engine_fault_text(fault))];
                (tf("travel-state-failing", &values), "failing")
            }
        };
        Some(
            view! { <p class="travel-state" data-testid="travel-state" data-state=name><span class="lamp" aria-hidden="true"></span> {text}</p> },
        )
    }
}

/// What became of a test.
type Tested = Result<EngineTestView, String>;

#[component]
fn Test(draft: RwSignal<EngineSettings>, tested: RwSignal<Option<Tested>>) -> impl IntoView {
    let desk = Desk::here();
    let testing = RwSignal::new(false);
    let test = move |_| {
        let asked = draft.get_untracked();
        testing.set(true);
        tested.set(None);
        leptos::task::spawn_local(async move {
            let answer = desk.request(DeskRequest::TestTravelEngine(asked.clone())).await;
            let _ = testing.try_set(false);
            if draft.try_get_untracked() != Some(asked) {
                return;
            }
            let shown = match answer {
                Ok(DeskResponse::EngineTest(view)) => Ok(view),
                Ok(_) => Err(t("error-internal").to_owned()),
                Err(problem) => Err(error_text(&problem)),
            };
            let _ = tested.try_set(Some(shown));
        });
    };
    let blocked = move || testing.get() || draft.with(|draft| draft.url.is_empty());
    view! {
        <button type="button" data-testid="travel-test" disabled=blocked on:click=test>
            {move || if testing.get() { t("travel-testing") } else { t("travel-test") }}
        </button>
    }
    .into_any()
}

#[component]
fn TestResult(tested: RwSignal<Option<Tested>>) -> impl IntoView {
    move || {
        let (text, is_good) = match tested.get()? {
            Ok(EngineTestView::Answered { millis, distance_m, duration_secs, own_secs }) => {
                (answered_text(millis, distance_m, duration_secs, own_secs), true)
            }
            Ok(EngineTestView::NoWay) => (t("travel-test-no-way").to_owned(), false),
            Ok(EngineTestView::Failed(fault)) => (engine_fault_text(fault), false),
            Err(text) => (text, false),
        };
        Some(view! {
            <p class="callout" class:good=is_good class:bad=!is_good role="status" data-testid="travel-tested" data-good=is_good.to_string()>{text}</p>
        })
    }
}

/// `Answered in 12 ms: 3.2 km in 6 min; the roads of this region say 5 min.`
fn answered_text(millis: u32, distance_m: f64, duration_secs: f64, own_secs: Option<f64>) -> String {
    let secs = |secs: f64| format::duration(secs.round() as i64);
    let (millis, way, time) = (millis.to_string(), format::distance(distance_m), secs(duration_secs));
    let values = [("ms", &*millis), ("way", &*way), ("time", &*time)];
    match own_secs {
        Some(own) => {
            let own = secs(own);
            tf("travel-test-answered", &[values[0], values[1], values[2], ("own", &*own)])
        }
        None => tf("travel-test-answered-only", &values),
    }
}

#[cfg(test)]
mod tests {
    use super::answered_text;

    #[test]
    fn an_answer_is_told_beside_our_own() {
        let text = answered_text(12, 3_240.0, 372.4, Some(318.0));
        assert!(text.contains("12 ms") && text.contains("3.2 km"), "how fast and how far: {text}");
        assert!(text.contains("6 min") && text.contains("5 min"), "both times: {text}");
        assert!(
            !answered_text(12, 3_240.0, 372.4, None).contains('$'),
            "without our own, nothing is left open"
        );
    }
}
