//! The fields of a condition: its kind, and the figure and target that the kind needs.

use domain::rule::{Condition, RuleTarget};
use domain::{PoiId, ResourceId};
use leptos::prelude::*;

use crate::state::Desk;
use crate::words::{kebab, t, t_dyn};

/// The kinds of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    NearPlace,
    NearTask,
    NearResource,
    Speeding,
    StoppedOnTask,
    LeftArea,
    DeviceSilent,
    BatteryLow,
    Sos,
}

/// What is filled in, of whatever kind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values {
    /// Metres, km/h, minutes or per cent.
    pub figure: String,
    /// The place.
    pub poi: Option<PoiId>,
    /// The other resource.
    pub resource: Option<ResourceId>,
}

impl Kind {
    const ALL: [Kind; 9] = [
        Kind::Speeding,
        Kind::NearPlace,
        Kind::NearTask,
        Kind::NearResource,
        Kind::StoppedOnTask,
        Kind::LeftArea,
        Kind::DeviceSilent,
        Kind::BatteryLow,
        Kind::Sos,
    ];

    /// Of a condition.
    pub fn of(condition: Condition) -> Kind {
        match condition {
            Condition::Near { target: RuleTarget::Poi(_), .. } => Kind::NearPlace,
            Condition::Near { target: RuleTarget::OwnTask, .. } => Kind::NearTask,
            Condition::Near { target: RuleTarget::Resource(_), .. } => Kind::NearResource,
            Condition::Speeding { .. } => Kind::Speeding,
            Condition::StoppedOnTask { .. } => Kind::StoppedOnTask,
            Condition::LeftArea { .. } => Kind::LeftArea,
            Condition::DeviceSilent { .. } => Kind::DeviceSilent,
            Condition::BatteryLow { .. } => Kind::BatteryLow,
            Condition::Sos => Kind::Sos,
        }
    }

    fn key(self) -> String {
        kebab(&format!("{self:?}"))
    }

    /// Label, least, most and usual value of the figure.
    fn figure(self) -> Option<(&'static str, u32, u32, u32)> {
        match self {
            Kind::NearPlace | Kind::NearTask | Kind::NearResource => {
                Some((t("figure-metres"), 10, 100_000, 500))
            }
            Kind::Speeding => Some((t("figure-kmh"), 10, 300, 130)),
            Kind::StoppedOnTask | Kind::DeviceSilent => Some((t("figure-minutes"), 5, 1_440, 20)),
            Kind::BatteryLow => Some((t("figure-percent"), 1, 90, 15)),
            Kind::LeftArea | Kind::Sos => None,
        }
    }

    /// The condition, or what is missing.
    pub fn condition(self, values: &Values) -> Result<Condition, String> {
        let number = || values.figure.trim().parse::<u32>().map_err(|_| t("refused-rule-limit").to_owned());
        let small = || u16::try_from(number()?).map_err(|_| t("refused-rule-limit").to_owned());
        let poi = || values.poi.ok_or_else(|| t("condition-no-place").to_owned());
        let near = |target| Ok(Condition::Near { target, within_m: number()? });
        match self {
            Kind::NearPlace => near(RuleTarget::Poi(poi()?)),
            Kind::NearTask => near(RuleTarget::OwnTask),
            Kind::NearResource => near(RuleTarget::Resource(
                values.resource.ok_or_else(|| t("condition-no-resource").to_owned())?,
            )),
            Kind::Speeding => Ok(Condition::Speeding { limit_kmh: small()? }),
            Kind::StoppedOnTask => Ok(Condition::StoppedOnTask { minutes: number()? }),
            Kind::LeftArea => Ok(Condition::LeftArea { poi: poi()? }),
            Kind::DeviceSilent => Ok(Condition::DeviceSilent { minutes: number()? }),
            Kind::BatteryLow => {
                let below_percent =
                    u8::try_from(number()?).map_err(|_| t("refused-rule-limit").to_owned())?;
                Ok(Condition::BatteryLow { below_percent })
            }
            Kind::Sos => Ok(Condition::Sos),
        }
    }
}

impl Values {
    /// Of a condition.
    pub fn of(condition: Condition) -> Values {
        let figure = |n: u32| Values { figure: n.to_string(), ..Values::default() };
        match condition {
            Condition::Near { target, within_m } => match target {
                RuleTarget::Poi(poi) => Values { poi: Some(poi), ..figure(within_m) },
                RuleTarget::OwnTask => figure(within_m),
                RuleTarget::Resource(resource) => Values { resource: Some(resource), ..figure(within_m) },
            },
            Condition::Speeding { limit_kmh } => figure(u32::from(limit_kmh)),
            Condition::StoppedOnTask { minutes } | Condition::DeviceSilent { minutes } => figure(minutes),
            Condition::LeftArea { poi } => Values { poi: Some(poi), ..Values::default() },
            Condition::BatteryLow { below_percent } => figure(u32::from(below_percent)),
            Condition::Sos => Values::default(),
        }
    }
}

/// The fields.
#[component]
pub fn ConditionField(
    kind: RwSignal<Kind>,
    values: RwSignal<Values>,
    min_secs: RwSignal<String>,
) -> impl IntoView {
    let choose = move |event| {
        let name = event_target_value(&event);
        let Some(chosen) = Kind::ALL.into_iter().find(|kind| kind.key() == name) else { return };
        kind.set(chosen);
        let figure = chosen.figure().map(|(.., usual)| usual.to_string()).unwrap_or_default();
        // The place or person of another kind is not on offer, or not meant: nothing stays chosen unseen.
        values.set(Values { figure, ..Values::default() });
    };
    let option = |one: Kind| {
        let selected = kind.get_untracked() == one;
        view! { <option value=one.key() selected=selected>{t_dyn(&format!("kind-of-{}", one.key()))}</option> }
    };
    view! {
        <label class="field">
            <span>{t("rule-condition")}</span>
            <select data-testid="rule-kind" on:change=choose prop:value=move || kind.get().key()>{Kind::ALL.map(option).collect_view()}</select>
        </label>
        {move || match kind.get() {
            Kind::NearPlace | Kind::LeftArea => view! { <PlaceSelect values=values fences_only=kind.get() == Kind::LeftArea /> }.into_any(),
            Kind::NearResource => view! { <ResourceSelect values=values /> }.into_any(),
            Kind::NearTask | Kind::Speeding | Kind::StoppedOnTask | Kind::DeviceSilent | Kind::BatteryLow | Kind::Sos => ().into_any(),
        }}
        <div class="columns">
            {move || kind.get().figure().map(|(label, least, most, _)| view! {
                <label class="field">
                    <span>{label}</span>
                    <input type="number" data-testid="rule-figure" min=least.to_string() max=most.to_string() step="1"
                        prop:value=move || values.with(|values| values.figure.clone()) on:input=move |event| values.update(|values| values.figure = event_target_value(&event)) />
                </label>
            })}
            <label class="field">
                <span>{t("rule-min-duration")}</span>
                <input type="number" data-testid="rule-min-duration" min="0" max="86400" step="5" prop:value=move || min_secs.get()
                    on:input=move |event| min_secs.set(event_target_value(&event)) />
            </label>
        </div>
    }
    .into_any()
}

#[component]
fn PlaceSelect(values: RwSignal<Values>, fences_only: bool) -> impl IntoView {
    let desk = Desk::here();
    let mut pois = desk.rows.pois.peek_all();
    pois.retain(|poi| !fences_only || poi.fence.is_some());
    pois.sort_by(|a, b| a.name.cmp(&b.name));
    let chosen = values.with_untracked(|values| values.poi);
    let options = pois.iter().map(|poi| {
        view! { <option value=poi.id.to_string() selected=chosen == Some(poi.id)>{poi.name.clone()}</option> }
    });
    view! {
        <label class="field">
            <span>{t("field-place")}</span>
            <select data-testid="rule-place" on:change=move |event| values.update(|values| values.poi = event_target_value(&event).parse().ok())>
                <option value="">{t("place-by-poi")}</option>
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

#[component]
fn ResourceSelect(values: RwSignal<Values>) -> impl IntoView {
    let desk = Desk::here();
    let mut people = desk.rows.resources.peek_all();
    people.sort_by(|a, b| a.card.name.cmp(&b.card.name));
    let chosen = values.with_untracked(|values| values.resource);
    let options = people.iter().map(|row| {
        view! { <option value=row.card.id.to_string() selected=chosen == Some(row.card.id)>{row.card.name.clone()}</option> }
    });
    view! {
        <label class="field">
            <span>{t("kind-resource")}</span>
            <select data-testid="rule-resource" on:change=move |event| values.update(|values| values.resource = event_target_value(&event).parse().ok())>
                <option value="">{t("choose-resource")}</option>
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_comes_back_as_it_was() {
        let poi = PoiId(uuid::Uuid::from_u128(1));
        let resource = ResourceId(uuid::Uuid::from_u128(2));
        let conditions = [
            Condition::Near { target: RuleTarget::Poi(poi), within_m: 500 },
            Condition::Near { target: RuleTarget::OwnTask, within_m: 300 },
            Condition::Near { target: RuleTarget::Resource(resource), within_m: 200 },
            Condition::Speeding { limit_kmh: 90 },
            Condition::StoppedOnTask { minutes: 15 },
            Condition::LeftArea { poi },
            Condition::DeviceSilent { minutes: 10 },
            Condition::BatteryLow { below_percent: 20 },
            Condition::Sos,
        ];
        for condition in conditions {
            let back = Kind::of(condition).condition(&Values::of(condition));
            assert_eq!(back, Ok(condition), "{condition:?} through the form");
        }
    }

    #[test]
    fn what_is_missing_or_too_much_is_said() {
        assert!(Kind::NearPlace.condition(&Values::default()).is_err(), "no place");
        let fast = Values { figure: "70000".to_owned(), ..Values::default() };
        assert!(Kind::Speeding.condition(&fast).is_err(), "faster than the field can say");
        assert!(Kind::BatteryLow.condition(&Values::default()).is_err(), "no figure");
    }
}
