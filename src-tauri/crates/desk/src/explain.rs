//! Why something fired, or nothing did: the engines' words as the UI shows them.

use chrono::{DateTime, Utc};
use domain::alert::{Alert, AlertTopic};
use domain::{AlertId, ResourceId};
use fence::{Explanation, FenceEvent, Judged, Rejected, Says, Standing, Verdict};
use protocol::view::{ExplanationBasis, ExplanationView, FixSays, JudgedFixView, StandingView, VerdictView};
use protocol::wire::TrackGap;
use watch::{RuleExplanation, RuleFix, RuleSays, RuleVerdict};

/// What an explanation is about, and what it was made from.
#[derive(Debug, Clone)]
pub struct Context {
    /// The time in question.
    pub at: DateTime<Utc>,
    /// The alert, where one is explained.
    pub alert: Option<AlertId>,
    /// Stretches without coordinates.
    pub gaps: Vec<TrackGap>,
    /// From the server's track.
    pub from_server: bool,
}

/// What a fence says of it.
pub fn by_fence(explanation: Explanation, context: Context) -> ExplanationView {
    let Explanation { resource, poi, fence_version, size_m, leave_margin_m, settings, fixes, verdict } =
        explanation;
    let run = run_of(&verdict);
    let secs = |time: chrono::TimeDelta| u32::try_from(time.num_seconds()).unwrap_or(u32::MAX);
    ExplanationView {
        resource,
        at: context.at,
        alert: context.alert,
        basis: ExplanationBasis::Fence {
            poi,
            version: fence_version,
            size_m,
            leave_margin_m,
            enter_confirm_secs: secs(settings.enter_confirm),
            leave_confirm_secs: secs(settings.leave_confirm),
            confirm_fixes: settings.confirm_fixes,
        },
        fixes: fixes.into_iter().map(|judged| judged_view(judged, run)).collect(),
        gaps: context.gaps,
        verdict: verdict_view(verdict),
        from_server: context.from_server,
    }
}

/// What a location rule says of it.
pub fn by_rule(
    resource: ResourceId,
    explanation: RuleExplanation,
    context: Context,
    alert: &Alert,
) -> ExplanationView {
    let RuleExplanation { rule, fixes, verdict } = explanation;
    let topic = alert.kind.topic();
    let nearest_m = fixes.iter().filter_map(|fix| fix.value).fold(f64::INFINITY, f64::min);
    ExplanationView {
        resource,
        at: context.at,
        alert: context.alert,
        basis: ExplanationBasis::Rule {
            rule: rule.id,
            condition: rule.condition,
            min_duration_secs: rule.min_duration_secs,
        },
        fixes: fixes.into_iter().map(|fix| rule_fix(fix, topic)).collect(),
        gaps: context.gaps,
        verdict: match verdict {
            RuleVerdict::Fired { first, confirmed, fixes } => {
                VerdictView::Fired { topic, event_time: alert.event_time, first, confirmed, fixes }
            }
            RuleVerdict::Unconfirmed => VerdictView::Unconfirmed,
            RuleVerdict::NotHeld if nearest_m.is_finite() => VerdictView::StayedOutside { nearest_m },
            RuleVerdict::NotHeld => VerdictView::NotSettled,
            RuleVerdict::NoFix => VerdictView::NoFix,
            RuleVerdict::AllRefused(_) => VerdictView::AllRefused,
            RuleVerdict::Stated => VerdictView::Stated,
        },
        from_server: context.from_server,
    }
}

/// The alert says it all.
pub fn stated(resource: ResourceId, context: Context) -> ExplanationView {
    plain(resource, ExplanationBasis::BuiltIn, VerdictView::Stated, context)
}

/// Nothing may be told.
pub fn private(resource: ResourceId, context: Context) -> ExplanationView {
    plain(resource, ExplanationBasis::BuiltIn, VerdictView::Private, context)
}

fn plain(
    resource: ResourceId,
    basis: ExplanationBasis,
    verdict: VerdictView,
    context: Context,
) -> ExplanationView {
    let Context { at, alert, gaps, from_server } = context;
    ExplanationView { resource, at, alert, basis, fixes: Vec::new(), gaps, verdict, from_server }
}

/// First and last moment of the run that decided.
fn run_of(verdict: &Verdict) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    match verdict {
        Verdict::Fired(event) | Verdict::NoRule(event) | Verdict::OutsideHours(event) => {
            Some((event.why.first.fix_time, event.why.deciding.fix_time))
        }
        Verdict::NotConcerned
        | Verdict::Private
        | Verdict::NoFix
        | Verdict::AllRefused(_)
        | Verdict::NotDecidable { .. }
        | Verdict::Unconfirmed(_)
        | Verdict::NotSettled
        | Verdict::StayedInside { .. }
        | Verdict::StayedOutside { .. } => None,
    }
}

fn judged_view(judged: Judged, run: Option<(DateTime<Utc>, DateTime<Utc>)>) -> JudgedFixView {
    let time = judged.fix.fix_time;
    let in_run = run.is_some_and(|(first, last)| (first..=last).contains(&time));
    JudgedFixView {
        fix: judged.fix,
        acc95_m: judged.evidence.acc95_m,
        dist_m: Some(judged.evidence.dist_m),
        says: says_view(judged.says),
        standing: standing_view(judged.standing),
        decides: in_run && matches!(judged.says, Says::Inside | Says::Outside | Says::Gone),
    }
}

fn says_view(says: Says) -> FixSays {
    match says {
        Says::Inside => FixSays::Inside,
        Says::Outside => FixSays::Outside,
        Says::Gone => FixSays::Beyond,
        Says::Undecided => FixSays::Undecided,
        Says::Refused(rejected) => refused_view(rejected),
        Says::Quarantined => FixSays::Quarantined,
    }
}

fn refused_view(rejected: Rejected) -> FixSays {
    match rejected {
        Rejected::PoorAccuracy => FixSays::TooInaccurate,
        Rejected::NullIsland | Rejected::TimeSuspect => FixSays::Refused,
    }
}

fn standing_view(standing: Standing) -> StandingView {
    match standing {
        Standing::Unknown => StandingView::Unknown,
        Standing::Outside => StandingView::Outside,
        Standing::Entering { since, fixes } => StandingView::Entering { since, fixes },
        Standing::Inside { since } => StandingView::Inside { since },
        Standing::Leaving { since, fixes } => StandingView::Leaving { since, fixes },
    }
}

fn verdict_view(verdict: Verdict) -> VerdictView {
    match verdict {
        Verdict::Fired(event) => VerdictView::Fired {
            topic: topic(&event),
            event_time: event.event_time,
            first: event.why.first.fix_time,
            confirmed: event.why.deciding.fix_time,
            fixes: event.why.fixes,
        },
        Verdict::NoRule(event) => VerdictView::NoRule { topic: topic(&event), event_time: event.event_time },
        Verdict::OutsideHours(event) => {
            VerdictView::OutsideHours { topic: topic(&event), event_time: event.event_time }
        }
        Verdict::NotConcerned => VerdictView::NotConcerned,
        Verdict::Private => VerdictView::Private,
        Verdict::NoFix => VerdictView::NoFix,
        Verdict::AllRefused(_) => VerdictView::AllRefused,
        Verdict::NotDecidable { size_m, acc95_m } => VerdictView::NotDecidable { size_m, acc95_m },
        Verdict::Unconfirmed(_) => VerdictView::Unconfirmed,
        Verdict::NotSettled => VerdictView::NotSettled,
        Verdict::StayedInside { since } => VerdictView::StayedInside { since },
        Verdict::StayedOutside { nearest_m } => VerdictView::StayedOutside { nearest_m },
    }
}

/// Retractions are not explained: the engine leaves them out.
fn topic(event: &FenceEvent) -> AlertTopic {
    event.alert_kind().map_or(AlertTopic::FenceCrossed, |kind| kind.topic())
}

fn rule_fix(fix: RuleFix, topic: AlertTopic) -> JudgedFixView {
    let says = match (fix.refused, fix.says) {
        (Some(rejected), _) => refused_view(rejected),
        (None, Some(RuleSays::Holds)) => FixSays::Inside,
        (None, Some(RuleSays::Ends)) => FixSays::Beyond,
        (None, Some(RuleSays::Open) | None) => FixSays::Undecided,
    };
    let standing = fix.holds_since.map_or(StandingView::Outside, |since| StandingView::Inside { since });
    // What is measured is a distance for these only; speeds and minutes are in the alert itself.
    let is_distance = matches!(topic, AlertTopic::Near | AlertTopic::LeftArea);
    JudgedFixView {
        fix: fix.fix,
        acc95_m: fix.acc95_m,
        dist_m: fix.value.filter(|_| is_distance),
        says,
        standing,
        decides: fix.decides,
    }
}
