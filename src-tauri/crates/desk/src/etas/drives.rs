//! Who is asked for drives, and what is remembered of the answers.

use std::cell::RefCell;

use domain::travel::TravelMode;
use domain::{LonLat, ResourceId};
use eta::{Place, TravelTimes, Trip};

use super::ahead::Ahead;
use super::legs::{Legs, Remembered};
use super::{Answer, ChainQuestion, Job};

/// The drives that questions are answered with. Each question comes with the travel times of the moment in which it was taken.
#[derive(Debug, Default)]
pub(super) struct Drives {
    legs: Legs,
    ahead: Ahead,
}

impl Drives {
    /// Whether there is an engine, and it was not asked for the drives of this question yet.
    pub fn is_untold(&self, question: &ChainQuestion, times: &dyn TravelTimes) -> bool {
        times.has_engine() && !self.ahead.has(question)
    }

    /// Asks an engine for the drives of a question and of those that wait behind it.
    pub fn look_ahead(
        &mut self,
        question: &ChainQuestion,
        mut waiting: Vec<ChainQuestion>,
        times: &dyn TravelTimes,
    ) {
        waiting.push(question.clone());
        self.ahead = Ahead::of(waiting, times, &mut self.legs);
        if !times.has_engine() {
            // Its moment has ended meanwhile: the others come with their own.
            self.ahead.keep_only(question.resource);
        }
    }

    /// Whether nothing is kept for questions to come but what may be remembered.
    pub fn is_idle(&self) -> bool {
        self.ahead.is_spent()
    }

    /// No question is left: those that were looked at ahead have been forgotten.
    pub fn rest(&mut self) {
        self.ahead = Ahead::default();
    }

    /// The answer to one question.
    pub fn answer(&mut self, job: &Job, times: &dyn TravelTimes) -> Answer {
        match job {
            Job::Chain(question) => {
                let Self { ahead, legs } = self;
                let remembered = Remembered { times, ahead, legs: RefCell::new(legs), question };
                let chain = eta::chain(&question.chain(), &remembered, question.now);
                self.ahead.answered(question.resource);
                Answer::Chain { resource: question.resource, chain, shift_end: question.shift_end }
            }
            Job::Drives { bid, from, to, now } => {
                let by_mode =
                    TravelMode::ALL.map(|mode| drives(from, *to, Trip { mode, leaves: *now }, times));
                Answer::Drives { bid: *bid, secs: by_mode.into_iter().flatten().collect() }
            }
        }
    }
}

/// The drives of those who travel by the mode of `trip`, all at once.
fn drives(
    from: &[(ResourceId, TravelMode, Place)],
    to: LonLat,
    trip: Trip,
    times: &dyn TravelTimes,
) -> Vec<(ResourceId, u32)> {
    let of_mode = from.iter().filter(|(_, mode, _)| *mode == trip.mode);
    let (who, places): (Vec<ResourceId>, Vec<Place>) =
        of_mode.map(|(resource, _, place)| (*resource, *place)).unzip();
    if places.is_empty() {
        return Vec::new();
    }
    let estimates = times.estimates_from(&places, to.into(), trip);
    let known = who.into_iter().zip(estimates);
    known.filter_map(|(resource, drive)| Some((resource, drive?.duration_secs.round() as u32))).collect()
}
