//! Suggestions as they are shown: who is suited, in which order, and what is recorded of a choice. Pure.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ResourceId;
use domain::position::PositionState;
use domain::task::{ChoiceMade, OverrideReason};
use protocol::view::{Shortfall, SuggestionView};

/// People move: a list that is older says so.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(60);
/// So many are compared on the map.
pub const MOST_COMPARED: usize = 3;

/// Somebody at their place in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The place, from 1.
    pub rank: usize,
    /// Whether they could do it at all.
    pub suited: bool,
    /// What is known of them.
    pub view: SuggestionView,
}

/// The list with those first who could do it at all; otherwise in the order given.
pub fn ranked(list: &[SuggestionView]) -> Vec<Ranked> {
    let known = list.iter().cloned().map(|view| {
        let position = view.position;
        as_of_now(view, position)
    });
    let (suited, others): (Vec<_>, Vec<_>) = known.partition(is_suited);
    let with = |suited: bool| move |view: SuggestionView| (suited, view);
    let all = suited.into_iter().map(with(true)).chain(others.into_iter().map(with(false)));
    all.enumerate().map(|(index, (suited, view))| Ranked { rank: index + 1, suited, view }).collect()
}

/// Whether somebody could do it at all: whatever else speaks against them is for the dispatcher to weigh.
pub fn is_suited(view: &SuggestionView) -> bool {
    !view.shortfalls.iter().any(rules_out)
}

/// Whether nobody would send somebody with this shortfall without a word.
pub fn rules_out(shortfall: &Shortfall) -> bool {
    match shortfall {
        Shortfall::MissingSkills { .. }
        | Shortfall::OffDuty
        | Shortfall::Private
        | Shortfall::NoWay
        | Shortfall::TooMuchToCarry => true,
        Shortfall::NoLocation
        | Shortfall::StaleLocation { .. }
        | Shortfall::EstimateOnly
        | Shortfall::Late { .. }
        | Shortfall::BreaksPromise { .. }
        | Shortfall::OutsideShift { .. }
        | Shortfall::MakesLate { .. }
        | Shortfall::Busy { .. }
        | Shortfall::DeclinedBefore => false,
    }
}

/// What may be said of somebody now, whenever the list was made: of whoever has gone off duty or switched the location off since
/// then, nothing that hints at a place.
pub fn as_of_now(view: SuggestionView, position: PositionState) -> SuggestionView {
    let since_then = match position {
        PositionState::Private { .. } => Shortfall::Private,
        PositionState::OffDuty => Shortfall::OffDuty,
        PositionState::Live | PositionState::Stale | PositionState::NoFix | PositionState::DeviceSilent => {
            return view;
        }
    };
    let mut shortfalls: Vec<Shortfall> =
        view.shortfalls.into_iter().filter(|known| !hints_at_place(known) && *known != since_then).collect();
    shortfalls.insert(0, since_then);
    SuggestionView {
        position,
        arrival: None,
        drive_secs: None,
        distance_m: None,
        extra_drive_secs: None,
        fix_age_secs: None,
        reasons: Vec::new(),
        shortfalls,
        ..view
    }
}

fn hints_at_place(shortfall: &Shortfall) -> bool {
    match shortfall {
        Shortfall::NoLocation
        | Shortfall::StaleLocation { .. }
        | Shortfall::NoWay
        | Shortfall::EstimateOnly
        | Shortfall::Late { .. }
        | Shortfall::BreaksPromise { .. }
        | Shortfall::OutsideShift { .. }
        | Shortfall::MakesLate { .. }
        | Shortfall::Busy { .. } => true,
        Shortfall::MissingSkills { .. }
        | Shortfall::OffDuty
        | Shortfall::Private
        | Shortfall::TooMuchToCarry
        | Shortfall::DeclinedBefore => false,
    }
}

/// What is recorded when somebody is chosen; `None` when they are not in the list.
pub fn choice(
    list: &[Ranked],
    chosen: ResourceId,
    reason: Option<OverrideReason>,
    note: &str,
) -> Option<ChoiceMade> {
    let first = list.first()?;
    let it = list.iter().find(|ranked| ranked.view.resource == chosen)?;
    let later_secs = match (it.view.arrival, first.view.arrival) {
        (Some(theirs), Some(firsts)) => Some((theirs.p50 - firsts.p50).num_seconds()),
        (Some(_), None) | (None, Some(_)) | (None, None) => None,
    };
    Some(ChoiceMade {
        chosen,
        rank: u16::try_from(it.rank).unwrap_or(u16::MAX),
        of: u16::try_from(list.len()).unwrap_or(u16::MAX),
        first: first.view.resource,
        later_secs,
        reason,
        note: note.trim().to_owned(),
    })
}

/// Who is compared on the map: the first ones whose arrival is known, with their letters.
pub fn compared(list: &[Ranked]) -> Vec<(char, ResourceId)> {
    let known = list.iter().filter(|ranked| ranked.suited && ranked.view.arrival.is_some());
    ('A'..).zip(known.map(|ranked| ranked.view.resource)).take(MOST_COMPARED).collect()
}

/// Who is invited to bid: whoever is suited, at most the `best` of them, but for whom somebody said otherwise `by_hand`.
pub fn invited(list: &[Ranked], best: Option<usize>, by_hand: &HashMap<ResourceId, bool>) -> Vec<ResourceId> {
    let is_asked = |it: &&Ranked| {
        let of_itself = it.suited && best.is_none_or(|best| it.rank <= best);
        by_hand.get(&it.view.resource).copied().unwrap_or(of_itself)
    };
    list.iter().filter(is_asked).map(|it| it.view.resource).collect()
}

/// Whether a list of `at` should be asked for again before somebody decides by it.
pub fn is_old(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - at >= FRESH_FOR
}

#[cfg(test)]
mod tests;
