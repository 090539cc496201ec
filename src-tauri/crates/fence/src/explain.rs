//! Why did this fire, and why did it not?

use chrono::{DateTime, TimeDelta, Utc};
use domain::position::Fix;
use domain::{GroupId, PoiId, ResourceId};

use crate::event::{EventKind, Evidence, FenceEvent};
use crate::gate::Rejected;
use crate::machine::{Phase, Says, Sighting};
use crate::replay::replay;
use crate::settings::Settings;
use crate::watch::{Watch, has_rule};

/// Fixes so long before and after the time in question are shown.
const SPAN: TimeDelta = TimeDelta::minutes(5);

/// What is to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Who.
    pub resource: ResourceId,
    /// Of which group.
    pub group: GroupId,
    /// At which fence.
    pub poi: PoiId,
    /// When.
    pub at: DateTime<Utc>,
}

/// What decided, or why nothing was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Who.
    pub resource: ResourceId,
    /// At which fence.
    pub poi: PoiId,
    /// Its version.
    pub fence_version: u32,
    /// How wide it is, in metres.
    pub size_m: f64,
    /// How far beyond the border the whole error circle has to be to have left, in metres.
    pub leave_margin_m: f64,
    /// The figures of the state machine.
    pub settings: Settings,
    /// The fixes around that time and of the run that decided, in event order.
    pub fixes: Vec<Judged>,
    /// What came of them.
    pub verdict: Verdict,
}

/// One fix, what it says and what is known after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The fix.
    pub fix: Fix,
    /// As seen from the fence: signed distance and error circle.
    pub evidence: Evidence,
    /// What it says.
    pub says: Says,
    /// What is known after it.
    pub standing: Standing,
}

/// What is known of somebody at a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not settled since they were first seen.
    Unknown,
    /// Outside.
    Outside,
    /// A run of fixes says inside, not confirmed.
    Entering {
        /// Its first fix.
        since: DateTime<Utc>,
        /// Its deciding fixes.
        fixes: u32,
    },
    /// Inside.
    Inside {
        /// First fix inside.
        since: DateTime<Utc>,
    },
    /// Inside; a run of fixes says gone, not confirmed.
    Leaving {
        /// First fix of that run.
        since: DateTime<Utc>,
        /// Its deciding fixes.
        fixes: u32,
    },
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// This was said.
    Fired(FenceEvent),
    /// This happened, but the fence has no rule for it.
    NoRule(FenceEvent),
    /// This happened outside the hours of the fence.
    OutsideHours(FenceEvent),
    /// The fence is not meant for the resource's group.
    NotConcerned,
    /// Location sharing is off.
    Private,
    /// No fix of that time is known.
    NoFix,
    /// No fix of that time passed the gate; the last one's reason.
    AllRefused(Rejected),
    /// Even the best error circle is wider than the fence.
    NotDecidable {
        /// How wide the fence is, in metres.
        size_m: f64,
        /// Radius of the best error circle, in metres.
        acc95_m: f64,
    },
    /// A run of fixes says so, but it is too short or has too few fixes.
    Unconfirmed(Standing),
    /// Settled silently: they were first seen then, or again after a long time.
    NotSettled,
    /// Inside all the time.
    StayedInside {
        /// First fix inside.
        since: DateTime<Utc>,
    },
    /// Never inside for certain.
    StayedOutside {
        /// The least signed distance, in metres.
        nearest_m: f64,
    },
}

impl Explanation {
    /// Nothing may be told of somebody private.
    pub(crate) fn suspended(self) -> Self {
        Explanation { fixes: Vec::new(), verdict: Verdict::Private, ..self }
    }
}

pub(crate) fn explain(watch: &Watch, question: &Question, track: &[Fix]) -> Option<Explanation> {
    let only = watch.only(question.poi)?;
    let margin_m = only.leave_margin_m(0);
    let (mut fixes, mut events) = (Vec::new(), Vec::new());
    replay(&only, (question.resource, question.group), track, |fix, taken, track| {
        let evidence = only.evidence(0, &Sighting::of(fix));
        let says = match &taken {
            Err(rejected) => Says::Refused(*rejected),
            Ok(_) if track.quarantined() == Some(*fix) => Says::Quarantined,
            Ok(_) => Says::of(evidence.dist_m, evidence.acc95_m, margin_m),
        };
        fixes.push(Judged { fix: *fix, evidence, says, standing: standing(track.phase(0)) });
        events.extend(taken.into_iter().flatten());
    });
    let event = nearest(events, question.at);
    let (from, until) = span(question.at, event.as_ref());
    fixes.retain(|judged| (from..=until).contains(&judged.fix.fix_time));
    let verdict = match event {
        Some(event) => happened(watch, event),
        None => nothing(&only, question, &fixes),
    };
    Some(Explanation {
        resource: question.resource,
        poi: question.poi,
        fence_version: only.at(0).fence.version,
        size_m: only.at(0).shape.size_m(),
        leave_margin_m: margin_m,
        settings: only.settings,
        fixes,
        verdict,
    })
}

fn standing(phase: Option<&Phase>) -> Standing {
    match phase {
        None => Standing::Outside,
        Some(Phase::Unknown(_)) => Standing::Unknown,
        Some(Phase::Entering(run, _)) => Standing::Entering { since: run.first.fix_time, fixes: run.fixes },
        Some(Phase::In(stay)) => Standing::Inside { since: stay.first.fix_time },
        Some(Phase::Leaving(_, run)) => Standing::Leaving { since: run.first.fix_time, fixes: run.fixes },
    }
}

/// The event whose time is nearest to the one in question, if its run or its time is within the span.
fn nearest(events: Vec<FenceEvent>, at: DateTime<Utc>) -> Option<FenceEvent> {
    let near = |event: &FenceEvent| {
        let from = event.why.first.fix_time.max(event.event_time - SPAN) - SPAN;
        event.kind != EventKind::Retracted && (from..=event.why.deciding.fix_time + SPAN).contains(&at)
    };
    events.into_iter().filter(near).min_by_key(|event| (event.event_time - at).abs())
}

fn span(at: DateTime<Utc>, event: Option<&FenceEvent>) -> (DateTime<Utc>, DateTime<Utc>) {
    let (from, until) = (at - SPAN, at + SPAN);
    event.map_or((from, until), |event| {
        (from.min(event.why.first.fix_time), until.max(event.why.deciding.fix_time))
    })
}

fn happened(watch: &Watch, event: FenceEvent) -> Verdict {
    let Some(slot) = watch.slot(event.poi) else { return Verdict::NoRule(event) };
    if !has_rule(&watch.at(slot).fence, event.kind) {
        Verdict::NoRule(event)
    } else if !watch.wants(slot, event.kind, event.event_time) {
        Verdict::OutsideHours(event)
    } else {
        Verdict::Fired(event)
    }
}

fn nothing(only: &Watch, question: &Question, fixes: &[Judged]) -> Verdict {
    if !only.concerns(0, question.group) {
        return Verdict::NotConcerned;
    }
    let Some(last) = fixes.last() else { return Verdict::NoFix };
    let heard: Vec<&Judged> =
        fixes.iter().filter(|judged| !matches!(judged.says, Says::Refused(_))).collect();
    if let (true, Says::Refused(rejected)) = (heard.is_empty(), last.says) {
        return Verdict::AllRefused(rejected);
    }
    let size_m = only.at(0).shape.size_m();
    let acc95_m = heard.iter().map(|judged| judged.evidence.acc95_m).fold(f64::INFINITY, f64::min);
    let nearest_m = heard.iter().map(|judged| judged.evidence.dist_m).fold(f64::INFINITY, f64::min);
    // As it was at the time in question, not as it became afterwards.
    let then = heard.iter().rev().find(|judged| judged.fix.fix_time <= question.at);
    match then.map_or(last.standing, |judged| judged.standing) {
        Standing::Inside { since } => Verdict::StayedInside { since },
        unconfirmed @ (Standing::Entering { .. } | Standing::Leaving { .. }) => {
            Verdict::Unconfirmed(unconfirmed)
        }
        Standing::Unknown | Standing::Outside if size_m < 2.0 * acc95_m && nearest_m < acc95_m => {
            Verdict::NotDecidable { size_m, acc95_m }
        }
        Standing::Unknown => Verdict::NotSettled,
        Standing::Outside => Verdict::StayedOutside { nearest_m },
    }
}
