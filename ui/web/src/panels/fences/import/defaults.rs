//! What all imported fences have in common: their colour and their first rules.

use leptos::prelude::*;

use super::Import;
use crate::panels::fences::fields::{ColorField, Minutes, Switch};
use crate::words::t;

#[component]
pub(super) fn Defaults(import: Import) -> impl IntoView {
    let problem = Signal::derive(move || {
        import.dwell.with(|dwell| dwell.secs(None).is_err()).then(|| t("fence-minutes").to_owned())
    });
    view! {
        <section class="section" aria-label=t("import-defaults")>
            <h3>{t("import-defaults")}</h3>
            <ColorField value=import.color />
            <div class="checks">
                <Switch text=t("rule-enter") testid="import-enter" value=import.on_enter />
                <Switch text=t("rule-exit") testid="import-exit" value=import.on_exit />
            </div>
            <Minutes text=t("rule-dwell") testid="import-dwell" value=import.dwell problem=problem />
        </section>
    }
    .into_any()
}
