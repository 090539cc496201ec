//! How much noise a rule makes, and what could be done about it.

use leptos::prelude::*;
use protocol::view::{NoiseSource, NoiseView};

use super::{FoundNoise, NOISE_DAYS, alerts_text};
use crate::format;
use crate::words::{t, tf, topic_text};

/// Fewer alerts than this say nothing about a rule.
const FEWEST: u32 = 5;

/// What one source said, all topics together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Noise {
    alerts: u32,
    untouched: u32,
    repeats: u32,
    unfounded: u32,
}

/// What is wrong with a noisy rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseHint {
    /// The same is said again and again.
    Repeats,
    /// It did not happen.
    Unfounded,
    /// Nobody does anything about it.
    Untouched,
}

impl Noise {
    /// Of a source.
    pub fn of(views: &[NoiseView], source: NoiseSource) -> Noise {
        let own = views.iter().filter(|view| view.source == source);
        own.fold(Noise::default(), |sum, view| Noise {
            alerts: sum.alerts + view.alerts,
            untouched: sum.untouched + view.untouched,
            repeats: sum.repeats + view.repeats,
            unfounded: sum.unfounded + view.unfounded,
        })
    }

    /// What to do about it first: what is said twice or never happened is wrong, what nobody needs is only unwanted.
    pub fn hint(self) -> Option<NoiseHint> {
        if self.alerts < FEWEST {
            return None;
        }
        if self.repeats * 5 >= self.alerts {
            Some(NoiseHint::Repeats)
        } else if self.unfounded * 10 >= self.alerts {
            Some(NoiseHint::Unfounded)
        } else if self.untouched * 10 >= self.alerts * 6 {
            Some(NoiseHint::Untouched)
        } else {
            None
        }
    }

    fn per_day(self) -> String {
        let per_day = f64::from(self.alerts) / f64::from(NOISE_DAYS);
        if per_day >= 10.0 { format!("{per_day:.0}") } else { format!("{per_day:.1}") }
    }
}

fn hint_text(hint: NoiseHint) -> &'static str {
    match hint {
        NoiseHint::Repeats => t("noise-hint-repeats"),
        NoiseHint::Unfounded => t("noise-hint-unfounded"),
        NoiseHint::Untouched => t("noise-hint-untouched"),
    }
}

fn percent(part: u32, whole: u32) -> String {
    (part * 100 / whole.max(1)).to_string()
}

/// The figures in a line of the list.
#[component]
pub fn NoiseCell(noise: FoundNoise, source: NoiseSource) -> impl IntoView {
    let own = Memo::new(move |_| {
        noise.with(|found| found.as_ref()?.as_ref().ok().map(|views| Noise::of(views, source)))
    });
    move || {
        let noise = own.get()?;
        let hint = noise.hint().map(|hint| {
            view! { <span class="tag" data-testid="noisy" title=hint_text(hint)>{t("noisy")}</span> }
        });
        let text = match noise.alerts {
            0 => t("noise-silent").to_owned(),
            _ => tf(
                "noise-line",
                &[("n", &noise.per_day()), ("percent", &percent(noise.untouched, noise.alerts))],
            ),
        };
        Some(
            view! { <span class="noise" data-testid="noise">{hint} <span class="muted small num">{text}</span></span> },
        )
    }
}

/// The figures in full, with advice.
#[component]
pub fn NoisePanel(noise: FoundNoise, source: NoiseSource) -> impl IntoView {
    let views = move || {
        noise.with(|found| {
            let views = found.as_ref()?.as_ref().ok()?;
            Some(views.iter().filter(|view| view.source == source).cloned().collect::<Vec<_>>())
        })
    };
    move || {
        let views = views()?;
        let hint = Noise::of(&views, source).hint();
        let advice = hint
            .map(|hint| view! { <p class="callout decide" data-testid="noise-hint">{hint_text(hint)}</p> });
        let body = if views.is_empty() {
            view! { <p class="muted">{t("noise-silent")}</p> }.into_any()
        } else {
            view! { <NoiseTable views=views /> }.into_any()
        };
        Some(view! {
            <section class="section side-section" data-testid="noise-panel">
                <h3>{tf("noise-title", &[("n", &NOISE_DAYS.to_string())])}</h3>
                {body} {advice}
            </section>
        })
    }
}

#[component]
fn NoiseTable(views: Vec<NoiseView>) -> impl IntoView {
    let line = |view: NoiseView| {
        let looked = view
            .looked_after_secs
            .map_or_else(|| t("none").to_owned(), |secs| format::duration(i64::from(secs)));
        view! {
            <tr>
                <th scope="row">{topic_text(view.topic)}</th>
                <td class="end num" title=alerts_text(view.alerts)>{view.alerts}</td>
                <td class="end num">{percent(view.untouched, view.alerts)} " %"</td>
                <td class="end num">{looked}</td>
                <td class="end num">{view.repeats}</td>
                <td class="end num">{view.unfounded}</td>
            </tr>
        }
    };
    view! {
        <table class="grid noise-table">
            <thead><tr>
                <th></th>
                <th class="end">{t("noise-alerts")}</th>
                <th class="end" title=t("noise-untouched-hint")>{t("noise-untouched")}</th>
                <th class="end" title=t("noise-looked-hint")>{t("noise-looked")}</th>
                <th class="end" title=t("noise-repeats-hint")>{t("noise-repeats")}</th>
                <th class="end" title=t("noise-unfounded-hint")>{t("noise-unfounded")}</th>
            </tr></thead>
            <tbody>{views.into_iter().map(line).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::RuleId;
    use domain::alert::AlertTopic;

    fn said(alerts: u32, untouched: u32, repeats: u32, unfounded: u32) -> Option<NoiseHint> {
        let source = NoiseSource::Rule(RuleId(uuid::Uuid::from_u128(1)));
        let view = NoiseView {
            source,
            topic: AlertTopic::Speeding,
            alerts,
            untouched,
            looked_after_secs: None,
            repeats,
            unfounded,
        };
        let other = NoiseView { source: NoiseSource::BuiltIn, alerts: 1_000, repeats: 1_000, ..view.clone() };
        Noise::of(&[view, other], source).hint()
    }

    #[test]
    fn advice_goes_to_the_root_of_the_noise() {
        assert_eq!(said(20, 2, 0, 0), None, "people need it");
        assert_eq!(said(20, 15, 4, 0), Some(NoiseHint::Repeats), "flapping makes the rest of it");
        assert_eq!(said(20, 15, 0, 2), Some(NoiseHint::Unfounded), "it does not even happen");
        assert_eq!(said(20, 15, 0, 0), Some(NoiseHint::Untouched), "nobody needs it");
        assert_eq!(said(4, 4, 4, 4), None, "four alerts say nothing about a rule");
    }
}
