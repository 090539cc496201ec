//! Who may use a road, and in which direction.

use crate::tags::Tags;

/// What an access tag means for passing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Explicitly for everyone, or not said at all.
    Open,
    /// Only to start or end there.
    Restricted,
    Closed,
}

/// Values that let a profile in only with an errand there.
pub(super) const RESTRICTED: [&str; 7] =
    ["private", "delivery", "destination", "customers", "permit", "residents", "unknown"];

/// The decisive value of the most special key, for one direction (`forward`, `backward`).
pub(super) fn decisive<'a>(tags: &Tags<'a>, keys: &[&str], direction: &str) -> Option<&'a str> {
    keys.iter().find_map(|key| tags.get(&format!("{key}:{direction}")).or(tags.get(key)))
}

/// Of several values (`yes;no`) the kindest counts.
pub(super) fn read(value: &str) -> Access {
    let kindest = value.split(';').map(str::trim).map(|one| {
        if is_closed(one) {
            2
        } else if RESTRICTED.contains(&one) {
            1
        } else {
            0
        }
    });
    match kindest.min() {
        Some(2) => Access::Closed,
        Some(1) => Access::Restricted,
        Some(_) | None => Access::Open,
    }
}

pub(super) fn is_closed(value: &str) -> bool {
    matches!(
        value,
        "no" | "agricultural"
            | "forestry"
            | "emergency"
            | "emergency_vehicle"
            | "psv"
            | "taxi"
            | "share_taxi"
            | "minibus"
            | "bus"
            | "restricted"
            | "military"
            | "official"
            | "use_sidepath"
    )
}

/// (with, against) the drawn direction by the first of `keys` that is there, else by `oneway`; `None` where the direction
/// changes with the hour. `implied`: what roundabouts and motorways are without saying so.
pub(super) fn one_way(tags: &Tags<'_>, keys: &[&str], implied: bool) -> Option<(bool, bool)> {
    let sign = keys.iter().find_map(|key| tags.get(key)).or(tags.get("oneway"));
    match sign {
        Some("yes" | "1" | "true") => Some((true, false)),
        Some("-1" | "reverse") => Some((false, true)),
        Some("no" | "0" | "false") => Some((true, true)),
        Some("reversible") => None,
        _ => Some((true, !implied)),
    }
}

pub(super) fn is_round(tags: &Tags<'_>) -> bool {
    matches!(tags.get("junction"), Some("roundabout" | "circular"))
}
