//! Names of everything about promises and about choices from suggestions.

use domain::task::{OverrideReason, PromiseChannel};
use domain::travel::{TravelMode, TravelSource};
use protocol::view::PromiseRisk;

use super::t;

/// Why somebody else than the first suggestion was chosen.
pub fn override_text(reason: OverrideReason) -> &'static str {
    match reason {
        OverrideReason::CustomerAsked => t("override-customer-asked"),
        OverrideReason::KnowsTheSite => t("override-knows-the-site"),
        OverrideReason::HasTheParts => t("override-has-the-parts"),
        OverrideReason::FirstUnavailable => t("override-first-unavailable"),
        OverrideReason::FairShare => t("override-fair-share"),
        OverrideReason::Training => t("override-training"),
        OverrideReason::Agreed => t("override-agreed"),
        OverrideReason::Other => t("override-other"),
    }
}

/// How a customer is told.
pub fn channel_text(channel: PromiseChannel) -> &'static str {
    match channel {
        PromiseChannel::Phone => t("channel-phone"),
        PromiseChannel::Message => t("channel-message"),
        PromiseChannel::Other => t("channel-other"),
    }
}

/// Where a travel time comes from.
pub fn source_text(source: TravelSource) -> &'static str {
    match source {
        TravelSource::Roads => t("source-roads"),
        TravelSource::Osrm => t("source-osrm"),
        TravelSource::Valhalla => t("source-valhalla"),
        TravelSource::StraightLine => t("source-straight-line"),
    }
}

/// By what somebody travels.
pub fn travels_text(mode: TravelMode) -> &'static str {
    match mode {
        TravelMode::Car => t("travels-car"),
        TravelMode::Bicycle => t("travels-bicycle"),
        TravelMode::Foot => t("travels-foot"),
    }
}

/// A promise that wants a word, in a word or two.
pub fn promise_badge_text(risk: PromiseRisk) -> &'static str {
    match risk {
        PromiseRisk::AtRisk { .. } => t("badge-at-risk"),
        PromiseRisk::Breaking { .. } => t("badge-breaking"),
        PromiseRisk::Overdue => t("badge-overdue"),
        PromiseRisk::Safe | PromiseRisk::Unknown => t("promise"),
    }
}

/// Whether a promise will be kept, as style sheets and tests know it.
pub fn risk_name(risk: PromiseRisk) -> &'static str {
    match risk {
        PromiseRisk::Safe => "safe",
        PromiseRisk::AtRisk { .. } => "at-risk",
        PromiseRisk::Breaking { .. } => "breaking",
        PromiseRisk::Overdue => "overdue",
        PromiseRisk::Unknown => "unknown",
    }
}
