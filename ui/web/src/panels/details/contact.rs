//! Phone and e-mail: masked until asked for, and the asking is audited.

use domain::ResourceId;
use domain::access::Action;
use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse};

use super::Fact;
use crate::state::Desk;
use crate::words::t;

/// A resource's contact data.
#[component]
pub fn Contact(id: ResourceId) -> impl IntoView {
    let desk = Desk::here();
    let revealed = RwSignal::new(None::<(String, String)>);
    let row = move || desk.rows.resources.get(id);
    let phone =
        move || revealed.get().map(|(phone, _)| phone).or_else(|| row().map(|row| row.card.phone.clone()));
    let email =
        move || revealed.get().map(|(_, email)| email).or_else(|| row().map(|row| row.card.email.clone()));
    let reveal = move |_| {
        desk.ask_then(DeskRequest::RevealContact { resource: id }, move |response| {
            if let DeskResponse::Contact { phone, email } = response {
                let _ = revealed.try_set(Some((phone, email)));
            }
        });
    };
    let can = move || desk.may(Action::RevealContact) && revealed.with(Option::is_none);
    view! {
        <Fact label=t("fact-phone")>
            <span class="num" data-testid="phone">{phone}</span>
            <Show when=can>
                <button type="button" class="link" data-testid="reveal" title=t("reveal-hint") disabled=move || desk.is_offline() on:click=reveal>
                    {t("reveal")}
                </button>
            </Show>
        </Fact>
        <Fact label=t("fact-email")><span class="ellipsis">{email}</span></Fact>
    }
    .into_any()
}
