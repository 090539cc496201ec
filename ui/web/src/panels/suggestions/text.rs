//! What speaks for and against somebody, in words.

use protocol::view::{Shortfall, SuggestionReason, SuggestionView};

use crate::format;
use crate::panels::bids::missing_text;
use crate::state::Desk;
use crate::state::suggestions::rules_out;
use crate::words::{position_text, source_text, t, tf, tn};

/// A position is shown with its age from here on, seconds.
const AGE_SHOWN_FROM_SECS: i64 = 60;
/// A day that gets longer by less is as good as no longer, seconds.
const EXTRA_SHOWN_FROM_SECS: i64 = 60;

/// A chip: short, with more about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chip {
    /// As style sheets know it: `good`, `warn`, `bad`.
    pub tone: &'static str,
    pub text: String,
    pub hint: String,
}

/// What speaks for them, then what speaks against them.
pub(super) fn chips(desk: Desk, view: &SuggestionView) -> Vec<Chip> {
    let reasons = view.reasons.iter().map(|reason| {
        let (text, hint) = reason_text(desk, reason);
        Chip { tone: "good", text, hint }
    });
    let shortfalls = view.shortfalls.iter().map(|shortfall| {
        let (text, hint) = shortfall_text(desk, shortfall);
        Chip { tone: tone(shortfall), text, hint }
    });
    reasons.chain(shortfalls).collect()
}

fn tone(shortfall: &Shortfall) -> &'static str {
    let breaks_a_word = matches!(
        shortfall,
        Shortfall::Late { .. } | Shortfall::BreaksPromise { .. } | Shortfall::MakesLate { .. }
    );
    if breaks_a_word || rules_out(shortfall) { "bad" } else { "warn" }
}

fn reason_text(desk: Desk, reason: &SuggestionReason) -> (String, String) {
    let plain = |text: &'static str, hint: &'static str| (text.to_owned(), hint.to_owned());
    match reason {
        SuggestionReason::Fastest => plain(t("reason-fastest"), t("reason-fastest-hint")),
        SuggestionReason::HasSkills => plain(t("reason-skills"), t("reason-skills-hint")),
        SuggestionReason::InTime => plain(t("reason-in-time"), t("reason-in-time-hint")),
        SuggestionReason::KeepsPromise => plain(t("reason-promise"), t("reason-promise-hint")),
        SuggestionReason::Free => plain(t("reason-free"), t("reason-free-hint")),
        SuggestionReason::OnTheWay => plain(t("reason-on-the-way"), t("reason-on-the-way-hint")),
        SuggestionReason::InArea { poi } => {
            let place = desk.poi_name(*poi);
            (tf("reason-in-area", &[("place", &place)]), tf("reason-in-area-hint", &[("place", &place)]))
        }
        SuggestionReason::LittleToDo => plain(t("reason-little-to-do"), t("reason-little-to-do-hint")),
        SuggestionReason::KnowsThePlace { tasks } => {
            (t("reason-knows").to_owned(), tn("reason-knows-hint", *tasks as usize))
        }
    }
}

fn shortfall_text(desk: Desk, shortfall: &Shortfall) -> (String, String) {
    let plain = |text: &'static str, hint: &'static str| (text.to_owned(), hint.to_owned());
    let lasting = |key, secs: i64| tf(key, &[("duration", &format::duration(secs))]);
    match shortfall {
        Shortfall::MissingSkills { skills } => {
            (missing_text(desk, skills), t("shortfall-skills-hint").to_owned())
        }
        Shortfall::OffDuty => plain(t("position-off-duty"), t("shortfall-off-duty-hint")),
        Shortfall::Private => plain(t("position-private"), t("shortfall-private-hint")),
        Shortfall::NoLocation => plain(t("position-no-fix"), t("shortfall-no-location-hint")),
        Shortfall::StaleLocation { age_secs } => {
            (lasting("shortfall-stale", *age_secs), t("shortfall-stale-hint").to_owned())
        }
        Shortfall::NoWay => plain(t("shortfall-no-way"), t("shortfall-no-way-hint")),
        Shortfall::EstimateOnly => plain(t("shortfall-estimate"), t("shortfall-estimate-hint")),
        Shortfall::Late { late_secs } => {
            (lasting("shortfall-late", *late_secs), t("shortfall-late-hint").to_owned())
        }
        Shortfall::BreaksPromise { over_secs } => {
            (lasting("shortfall-promise", *over_secs), t("shortfall-promise-hint").to_owned())
        }
        Shortfall::OutsideShift { over_secs } => {
            (lasting("shortfall-shift", *over_secs), t("shortfall-shift-hint").to_owned())
        }
        Shortfall::MakesLate { tasks } => {
            let names: Vec<String> = tasks.iter().map(|task| desk.task_name(*task)).collect();
            let hint = tf("shortfall-makes-late-hint", &[("tasks", &names.join(", "))]);
            (tn("shortfall-makes-late", tasks.len()), hint)
        }
        Shortfall::Busy { until } => {
            let time = format::day_time(*until, desk.zone(), desk.clock.minute());
            (tf("shortfall-busy", &[("time", &time)]), t("shortfall-busy-hint").to_owned())
        }
        Shortfall::TooMuchToCarry => plain(t("shortfall-load"), t("shortfall-load-hint")),
        Shortfall::DeclinedBefore => plain(t("shortfall-declined"), t("shortfall-declined-hint")),
    }
}

/// Drive, way, what the day gets longer by, workload; why nothing is known where that is so.
pub(super) fn facts(view: &SuggestionView) -> String {
    let by_road = view.arrival.is_none_or(|arrival| arrival.source.is_by_road());
    let mut parts = vec![match view.drive_secs {
        Some(secs) if by_road => tf("drive", &[("duration", &format::duration(i64::from(secs)))]),
        Some(secs) => tf("drive-estimated", &[("duration", &format::duration(i64::from(secs)))]),
        None => position_text(view.position).to_owned(),
    }];
    parts.extend(view.distance_m.map(format::distance));
    let extra = view.extra_drive_secs.filter(|secs| secs.abs() >= EXTRA_SHOWN_FROM_SECS);
    parts.extend(extra.map(|secs| {
        let key = if secs > 0 { "extra-drive" } else { "less-drive" };
        tf(key, &[("duration", &format::duration(secs.abs()))])
    }));
    parts.push(tn("open-tasks", view.open_tasks as usize));
    let age = view.fix_age_secs.filter(|secs| *secs >= AGE_SHOWN_FROM_SECS);
    parts.extend(age.map(|secs| tf("position-age", &[("duration", &format::duration(secs))])));
    parts.join(" · ")
}

/// `10:42`, or `~10:42` where it is only an estimate; far ahead the day is named.
pub(super) fn arrival(desk: Desk, view: &SuggestionView) -> Option<String> {
    let arrival = view.arrival?;
    let sign = if arrival.source.is_by_road() { "" } else { "~" };
    Some(format!("{sign}{}", format::near_time(arrival.p50, desk.zone(), desk.clock.minute())))
}

/// How sure that is, and where it comes from.
pub(super) fn arrival_hint(desk: Desk, view: &SuggestionView) -> String {
    let Some(arrival) = view.arrival else { return t("arrival-unknown").to_owned() };
    let time = |at| format::day_time(at, desk.zone(), desk.clock.minute());
    tf(
        "arrival-hint",
        &[("p50", &time(arrival.p50)), ("p90", &time(arrival.p90)), ("source", source_text(arrival.source))],
    )
}
