//! The verdict of an explanation in words.

use chrono::{DateTime, Utc};
use protocol::view::{ExplanationBasis, ExplanationView, VerdictView};

use super::metres;
use crate::format;
use crate::state::Desk;
use crate::words::{t, tf, tn, topic_text};

/// What came of it, as people say it.
pub fn verdict_text(desk: Desk, view: &ExplanationView) -> String {
    let time = |at: DateTime<Utc>| at.with_timezone(&desk.zone()).format("%H:%M:%S").to_string();
    let who = desk.resource_name(view.resource);
    match view.verdict {
        VerdictView::Fired { topic, event_time, first, confirmed, fixes } => {
            let lasted = format::duration((confirmed - first).num_seconds());
            let fixes = tn("fixes", fixes as usize);
            tf(
                "verdict-fired",
                &[
                    ("what", &topic_text(topic)),
                    ("time", &time(event_time)),
                    ("fixes", &fixes),
                    ("lasted", &lasted),
                    ("confirmed", &time(confirmed)),
                ],
            )
        }
        VerdictView::NoRule { topic, event_time } => {
            tf("verdict-no-rule", &[("what", &topic_text(topic)), ("time", &time(event_time))])
        }
        VerdictView::OutsideHours { topic, event_time } => {
            tf("verdict-outside-hours", &[("what", &topic_text(topic)), ("time", &time(event_time))])
        }
        VerdictView::NotConcerned => tf("verdict-not-concerned", &[("who", &who)]),
        VerdictView::Private => tf("verdict-private", &[("who", &who)]),
        VerdictView::NoFix => tf("verdict-no-fix", &[("who", &who)]),
        VerdictView::AllRefused => t("verdict-all-refused").to_owned(),
        VerdictView::NotDecidable { size_m, acc95_m } => {
            tf("verdict-not-decidable", &[("size", &metres(size_m)), ("accuracy", &metres(acc95_m))])
        }
        VerdictView::Unconfirmed => unconfirmed_text(&view.basis),
        VerdictView::NotSettled => t("verdict-not-settled").to_owned(),
        VerdictView::StayedInside { since } => {
            tf("verdict-stayed-inside", &[("who", &who), ("time", &time(since))])
        }
        VerdictView::StayedOutside { nearest_m } => {
            tf("verdict-stayed-outside", &[("who", &who), ("distance", &metres(nearest_m))])
        }
        VerdictView::Stated => t("verdict-stated").to_owned(),
    }
}

fn unconfirmed_text(basis: &ExplanationBasis) -> String {
    match basis {
        ExplanationBasis::Fence { confirm_fixes, enter_confirm_secs, .. } => {
            let lasting = format::duration(i64::from(*enter_confirm_secs));
            let fixes = tn("fixes", *confirm_fixes as usize);
            tf("verdict-unconfirmed", &[("fixes", &fixes), ("duration", &lasting)])
        }
        ExplanationBasis::Rule { min_duration_secs, .. } => {
            tf("verdict-unconfirmed-rule", &[("duration", &format::duration(i64::from(*min_duration_secs)))])
        }
        ExplanationBasis::BuiltIn => t("verdict-not-settled").to_owned(),
    }
}
