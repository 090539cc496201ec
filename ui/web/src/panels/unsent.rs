//! The mark of a row whose change has not reached the server, or needs a decision; it leads there.

use leptos::prelude::*;
use protocol::view::Subject;

use crate::state::Desk;
use crate::state::queue::Unsent;
use crate::words::t;

/// The mark; nothing while nothing waits.
#[component]
pub fn UnsentMark(
    /// What the row is about.
    #[prop(into)]
    of: Signal<Option<(Subject, Unsent)>>,
) -> impl IntoView {
    let desk = Desk::here();
    let shown = Memo::new(move |_| of.get().filter(|(_, unsent)| *unsent != Unsent::Nothing));
    move || {
        let (subject, unsent) = shown.get()?;
        let decide = unsent == Unsent::NeedsDecision;
        let (text, hint) = if decide {
            (t("decide-mark"), t("decide-hint"))
        } else {
            (t("pending-mark"), t("pending-hint"))
        };
        let open = move |event: leptos::ev::MouseEvent| {
            event.stop_propagation();
            desk.show_change_of(subject);
        };
        // Not a stop of its own for the Tab key in a list of thousands: `c` opens the page of changes.
        Some(view! {
            <button type="button" class="tag" class:decide=decide tabindex="-1" data-testid="unsent"
                data-unsent=if decide { "decide" } else { "waiting" } title=hint on:click=open>
                {text}
            </button>
        })
    }
}
