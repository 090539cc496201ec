//! What was learnt of the roads' speeds: by class and hour, beside what is usual.

use domain::access::Action;
use leptos::prelude::*;
use protocol::view::{ClassSpeedsView, DeskRequest, SpeedsView};

use super::Settings;
use crate::state::Desk;
use crate::words::{road_class_text, t, tf};

/// A speed differs from the usual one from here on, as a share of it.
const DIFFERS_FROM: f32 = 0.1;
/// And very much from here on.
const DIFFERS_MUCH_FROM: f32 = 0.3;

/// Learning on or off, what was learnt, and forgetting it.
#[component]
pub fn Speeds(settings: Settings) -> impl IntoView {
    let desk = Desk::here();
    let speeds = Memo::new(move |_| settings.view.with(|view| view.as_ref().map(|view| view.speeds.clone())));
    let is_learning = move || speeds.with(|speeds| speeds.as_ref().is_some_and(|speeds| speeds.is_learning));
    // After a refusal the box goes back to what is so.
    let checked = move || {
        settings.busy.track();
        is_learning()
    };
    let toggle =
        move |event| settings.ask(desk, DeskRequest::SetLearning { on: event_target_checked(&event) }, None);
    view! {
        <section class="section" aria-label=t("speeds")>
            <h3>{t("speeds")}</h3>
            <fieldset class="travel-part" disabled=move || !desk.may(Action::EditTask)>
                <label class="check">
                    <input type="checkbox" data-testid="speeds-learning" prop:checked=checked disabled=move || settings.busy.get() on:change=toggle />
                    {t("speeds-learning")}
                </label>
                <p class="muted small">{t("speeds-lead")}</p>
                {move || speeds.get().map(|speeds| view! { <Learnt speeds=speeds settings=settings /> })}
            </fieldset>
        </section>
    }
    .into_any()
}

#[component]
fn Learnt(speeds: SpeedsView, settings: Settings) -> impl IntoView {
    let desk = Desk::here();
    let Some(since) = speeds.since else {
        return view! { <p class="muted" data-testid="speeds-learnt">{t("speeds-none")}</p> }.into_any();
    };
    let since = since.with_timezone(&desk.zone()).format("%-d %b %Y").to_string();
    let (km, enough) = (format!("{:.0}", speeds.km), format!("{:.0}", speeds.enough_km));
    let learnt = tf("speeds-learnt", &[("km", &km), ("since", &since)]);
    let in_use = if speeds.is_in_use() {
        t("speeds-in-use").to_owned()
    } else {
        tf("speeds-not-enough", &[("km", &enough)])
    };
    view! {
        <p data-testid="speeds-learnt">{learnt} " " {in_use}</p>
        <Strip classes=speeds.classes />
        <Forget km=km settings=settings />
    }
    .into_any()
}

/// How a learnt speed is beside the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    MuchSlower,
    Slower,
    Usual,
    Faster,
}

impl Pace {
    fn of(kmh: f32, usual_kmh: f32) -> Pace {
        let share = if usual_kmh > 0.0 { kmh / usual_kmh - 1.0 } else { 0.0 };
        if share <= -DIFFERS_MUCH_FROM {
            Pace::MuchSlower
        } else if share <= -DIFFERS_FROM {
            Pace::Slower
        } else if share >= DIFFERS_FROM {
            Pace::Faster
        } else {
            Pace::Usual
        }
    }

    fn name(self) -> &'static str {
        match self {
            Pace::MuchSlower => "much-slower",
            Pace::Slower => "slower",
            Pace::Usual => "usual",
            Pace::Faster => "faster",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Pace::MuchSlower => t("pace-much-slower"),
            Pace::Slower => t("pace-slower"),
            Pace::Usual => t("pace-usual"),
            Pace::Faster => t("pace-faster"),
        }
    }
}

/// Hours across, classes down; the number is always there, the colour only helps to find it.
#[component]
fn Strip(classes: Vec<ClassSpeedsView>) -> impl IntoView {
    if classes.is_empty() {
        return ().into_any();
    }
    let hours = (0..24).map(|hour| view! { <th scope="col" class="num">{hour}</th> }).collect_view();
    let key = |pace: Pace| view! { <span class="gantt-key"><i class="pace-key" data-pace=pace.name()></i> {pace.text()}</span> };
    let row = |class: ClassSpeedsView| {
        let km = tf("speeds-km", &[("km", &format!("{:.0}", class.km))]);
        let usual = class.usual_kmh;
        let cells =
            class.kmh.into_iter().enumerate().map(|(hour, kmh)| cell(hour, kmh, usual)).collect_view();
        view! {
            <tr data-testid="speeds-class">
                <th scope="row" title=km>{road_class_text(class.class)}</th>
                <td class="num strong">{format!("{usual:.0}")}</td>
                {cells}
            </tr>
        }
    };
    view! {
        <div class="speeds-scroll" tabindex="0" role="region" aria-label=t("speeds-table")>
            <table class="speeds-table" data-testid="speeds-table">
                <thead><tr><th scope="col">{t("speeds-class")}</th><th scope="col" class="num">{t("speeds-usual")}</th>{hours}</tr></thead>
                <tbody>{classes.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <p class="gantt-keys small muted">
            {[Pace::MuchSlower, Pace::Slower, Pace::Usual, Pace::Faster].map(key).collect_view()}
            <span>{t("speeds-unknown-key")}</span>
        </p>
    }
    .into_any()
}

fn cell(hour: usize, kmh: Option<f32>, usual_kmh: f32) -> AnyView {
    let Some(kmh) = kmh else {
        return view! { <td class="num muted" title=tf("speeds-cell-unknown", &[("hour", &hour.to_string())])>"·"</td> }.into_any();
    };
    let pace = Pace::of(kmh, usual_kmh);
    let text = format!("{kmh:.0}");
    let title = tf("speeds-cell", &[("hour", &hour.to_string()), ("kmh", &text), ("pace", pace.text())]);
    view! { <td class="num" data-pace=pace.name() title=title>{text}</td> }.into_any()
}

/// Everything learnt is given up only after a question.
#[component]
fn Forget(km: String, settings: Settings) -> impl IntoView {
    let desk = Desk::here();
    let asking = RwSignal::new(false);
    let question = tf("speeds-forget-question", &[("km", &km)]);
    let forget = move |_| {
        asking.set(false);
        settings.ask(desk, DeskRequest::ForgetSpeeds, Some(t("speeds-forgotten")));
    };
    move || {
        match asking.get() {
        false => view! {
            <div class="row"><button type="button" data-testid="speeds-forget" disabled=move || settings.busy.get() on:click=move |_| asking.set(true)>{t("speeds-forget")}</button></div>
        }
        .into_any(),
        true => view! {
            <div class="callout decide" role="alertdialog" aria-label=t("speeds-forget") data-testid="speeds-forget-question">
                <p>{question.clone()}</p>
                <div class="row">
                    <button type="button" class="danger" data-testid="speeds-forget-confirm" on:click=forget>{t("speeds-forget")}</button>
                    <button type="button" autofocus=true on:click=move |_| asking.set(false)>{t("cancel")}</button>
                </div>
            </div>
        }
        .into_any(),
    }
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    #[test]
    fn a_pace_is_told_against_the_usual_one() {
        assert_eq!(Pace::of(34.0, 50.0), Pace::MuchSlower, "a third less");
        assert_eq!(Pace::of(44.0, 50.0), Pace::Slower, "an eighth less");
        assert_eq!(Pace::of(48.0, 50.0), Pace::Usual, "4 % are nothing");
        assert_eq!(Pace::of(58.0, 50.0), Pace::Faster, "more");
        assert_eq!(Pace::of(58.0, 0.0), Pace::Usual, "no usual speed is no reason for alarm");
    }
}
