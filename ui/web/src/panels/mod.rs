//! The panels: one file per thing that people see.

use leptos::prelude::*;

mod alerts;
mod attendance;
mod banners;
mod bid_form;
mod bids;
mod changes;
mod choices;
mod connection;
mod desk_page;
mod details;
mod dialogs;
mod fences;
mod figures;
mod header;
mod map_panel;
mod notifications;
mod plan;
mod policy_field;
mod promises;
mod reports;
mod resources;
mod retention;
mod rules;
mod schedule_field;
mod sign_in;
mod sign_in_again;
mod suggestions;
mod task_form;
mod tasks;
mod travel;
mod unsent;

pub use alerts::{acknowledge_selected, show_centre, take_back, triage_key};
pub use attendance::Attendance;
pub use banners::Banners;
pub use changes::Changes;
pub use desk_page::DeskPage;
pub use dialogs::Dialogs;
pub use figures::Figures;
pub use header::Header;
pub use plan::Plan;
pub use rules::Rules;
pub use sign_in::{SignIn, SignInDraft};

/// Keeps its content mounted and only hides it.
#[component]
pub fn ShowWhen(
    /// Whether it is visible.
    shown: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="kept" class:hidden=move || !shown.get() aria-hidden=move || (!shown.get()).then_some("true")>
            {children()}
        </div>
    }
    .into_any()
}
