//! The supervisor's page: who is in, out, late now; and a day sheet per person.

use domain::ResourceId;
use domain::attendance::Presence;
use leptos::prelude::*;

use super::details::DaySheetView;
use crate::format;
use crate::kit::{Empty, VirtualList};
use crate::state::Desk;
use crate::words::{t, tf, tn};

const ROW_PX: usize = 44;

/// In, out, late, without the times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Late,
    In,
    Out,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::In, Kind::Late, Kind::Out];

    fn of(presence: Presence) -> Kind {
        match presence {
            Presence::In { .. } => Kind::In,
            Presence::Late { .. } => Kind::Late,
            Presence::Out => Kind::Out,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Kind::Late => t("presence-late"),
            Kind::In => t("presence-in"),
            Kind::Out => t("presence-out"),
        }
    }

    fn testid(self) -> &'static str {
        match self {
            Kind::Late => "attendance-late",
            Kind::In => "attendance-in",
            Kind::Out => "attendance-out",
        }
    }
}

#[derive(Clone, PartialEq)]
struct Person {
    id: ResourceId,
    name: String,
    kind: Kind,
}

/// Everybody, late ones first, by name.
fn people(desk: Desk) -> Memo<Vec<Person>> {
    Memo::new(move |_| {
        let rows = desk.rows.resources.all();
        let mut people: Vec<Person> = rows
            .iter()
            .filter(|row| !row.card.disabled)
            .map(|row| Person { id: row.card.id, name: row.card.name.clone(), kind: Kind::of(row.presence) })
            .collect();
        people.sort_by(|a, b| (a.kind, &a.name, a.id).cmp(&(b.kind, &b.name, b.id)));
        people
    })
}

/// The page.
#[component]
pub fn Attendance() -> impl IntoView {
    let desk = Desk::here();
    let people = people(desk);
    let chosen = RwSignal::new(None::<Kind>);
    let text = RwSignal::new(String::new());
    let person = RwSignal::new(None::<ResourceId>);
    let ids = Memo::new(move |_| {
        let text = text.get().trim().to_lowercase();
        let fits = |person: &&Person| {
            chosen.get().is_none_or(|kind| person.kind == kind) && person.name.to_lowercase().contains(&text)
        };
        people.with(|people| people.iter().filter(fits).map(|person| person.id).collect::<Vec<_>>())
    });
    view! {
        <main class="page attendance" data-testid="attendance-page">
            <section class="column">
                <div class="tiles" role="group" aria-label=t("page-attendance")>
                    {Kind::ALL.map(|kind| view! { <Count kind=kind people=people chosen=chosen /> }).collect_view()}
                </div>
                <div class="toolbar">
                    <input type="search" data-testid="attendance-search" aria-label=t("search-resources") placeholder=t("search-resources")
                        prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event)) />
                    <span class="muted num">{move || tn("shown", ids.with(Vec::len))}</span>
                    <span class="grow"></span>
                    <AsOf />
                </div>
                <VirtualList
                    items=ids
                    row_px=ROW_PX
                    row=|id| view! { <Row id=id /> }
                    open=Callback::new(move |id| person.set(Some(id)))
                    selected=person
                    label=t("page-attendance")
                    testid="attendance"
                    empty=move || if desk.loaded.get() {
                        view! { <Empty text=t("attendance-none") /> }
                    } else {
                        view! { <Empty text=t("loading") /> }
                    }
                />
            </section>
            <section class="column sheet" aria-label=t("day-sheet")>
                {move || match person.get() {
                    None => view! { <Empty text=t("attendance-choose") hint=t("attendance-choose-hint") /> }.into_any(),
                    Some(id) => view! {
                        <h2 data-testid="sheet-person">{move || desk.resource_name(id)}</h2>
                        <p class="muted">{move || desk.rows.resources.get(id).map(|row| presence_text(desk, row.presence))}</p>
                        <DaySheetView resource=id />
                    }.into_any(),
                }}
            </section>
        </main>
    }
    .into_any()
}

/// How old the data of a page is.
#[component]
pub fn AsOf() -> impl IntoView {
    let desk = Desk::here();
    let proof =
        Memo::new(move |_| desk.connection.with(|connection| connection.as_ref().and_then(|c| c.proof_at)));
    let text = move || proof.get().map(|at| tf("as-of", &[("age", &format::ago(at, desk.clock.get()))]));
    view! { <span class="muted" data-testid="as-of">{text}</span> }.into_any()
}

#[component]
fn Count(kind: Kind, people: Memo<Vec<Person>>, chosen: RwSignal<Option<Kind>>) -> impl IntoView {
    let count =
        Memo::new(move |_| people.with(|people| people.iter().filter(|person| person.kind == kind).count()));
    let on = move || chosen.get() == Some(kind);
    view! {
        <button
            type="button"
            class="tile"
            class:alarm=move || { kind == Kind::Late && count.get() > 0 }
            data-testid=kind.testid()
            aria-pressed=move || on().to_string()
            on:click=move |_| chosen.update(|chosen| *chosen = (*chosen != Some(kind)).then_some(kind))
        >
            <span class="tile-number num">{move || count.get()}</span>
            <span>{kind.text()}</span>
        </button>
    }
    .into_any()
}

#[component]
fn Row(id: ResourceId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.resources.get(id);
    let group =
        move || row().and_then(|row| desk.rows.groups.get(row.card.group)).map(|group| group.name.clone());
    let late = move || row().is_some_and(|row| matches!(row.presence, Presence::Late { .. }));
    view! {
        <div class="two-lines">
            <span class="line-1">{move || row().map(|row| row.card.name.clone())}</span>
            <span class="line-2 muted">{group}</span>
        </div>
        <div class="side"><span class="num" class:late=late>{move || row().map(|row| presence_text(desk, row.presence))}</span></div>
    }
    .into_any()
}

/// In, out, late, in words.
fn presence_text(desk: Desk, presence: Presence) -> String {
    super::details::presence_text(desk, presence)
}
