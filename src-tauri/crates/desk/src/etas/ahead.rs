//! The drives of the questions that are next, asked of an engine all together: a table costs it as much as a single drive.

use std::cell::RefCell;
use std::collections::HashMap;

use domain::ResourceId;
use domain::travel::{TravelMode, TravelSource};
use eta::{Estimate, Place, TravelTimes, Trip};

use super::ChainQuestion;
use super::legs::{Legs, ends, is_passing};

/// Ends with the heading at the start, and by what.
type Key = ([u64; 4], Option<u64>, TravelMode);

/// What an engine was asked for questions that are next.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Those that are still to be answered.
    questions: Vec<ChainQuestion>,
    /// What was told of drives that nobody asks for again, as long as there are such questions.
    passing: HashMap<Key, Estimate>,
}

impl Ahead {
    /// Asks for the drives of these that are not remembered; those between fixed stops are remembered from now on.
    pub fn of(questions: Vec<ChainQuestion>, times: &dyn TravelTimes, legs: &mut Legs) -> Self {
        let mut passing = HashMap::new();
        for mode in TravelMode::ALL {
            let by_mode = questions.iter().filter(|question| question.mode == mode);
            let asked: Vec<Asked<'_>> = by_mode.flat_map(|question| open(question, legs)).collect();
            for ((question, way), drive) in told(asked, mode, times) {
                if is_passing(question.start(), way) {
                    passing.insert(key(way, mode), drive);
                } else {
                    legs.keep_told(way, mode, drive, question.now);
                }
            }
        }
        Self { questions, passing }
    }

    /// Whether there is nothing in it.
    pub fn is_spent(&self) -> bool {
        self.questions.is_empty()
    }

    /// Whether this question was among them, as it is.
    pub fn has(&self, question: &ChainQuestion) -> bool {
        self.questions.contains(question)
    }

    /// The questions of all others count as not asked.
    pub fn keep_only(&mut self, resource: ResourceId) {
        self.questions.retain(|question| question.resource == resource);
    }

    /// Somebody's question is answered.
    pub fn answered(&mut self, resource: ResourceId) {
        self.questions.retain(|question| question.resource != resource);
        if self.is_spent() {
            self.passing.clear();
        }
    }

    /// The drive from where somebody is now.
    pub fn passing(&self, way: (Place, Place), mode: TravelMode) -> Option<Estimate> {
        self.passing.get(&key(way, mode)).copied()
    }
}

/// A drive, and whose question needs it.
type Asked<'a> = (&'a ChainQuestion, (Place, Place));

/// What an engine tells of these.
fn told<'a>(
    asked: Vec<Asked<'a>>,
    mode: TravelMode,
    times: &dyn TravelTimes,
) -> impl Iterator<Item = (Asked<'a>, Estimate)> + use<'a> {
    let ways: Vec<(Place, Place)> = asked.iter().map(|(_, way)| *way).collect();
    let told = if ways.is_empty() { Vec::new() } else { times.told(&ways, mode) };
    asked.into_iter().zip(told).filter_map(|(asked, drive)| Some((asked, drive?)))
}

/// The drives of a question that no engine has told lately.
fn open<'a>(question: &'a ChainQuestion, legs: &Legs) -> Vec<Asked<'a>> {
    let ways = Ways::default();
    eta::chain(&question.chain(), &ways, question.now);
    let is_open = |way: &(Place, Place)| {
        is_passing(question.start(), *way) || legs.told(*way, question.mode, question.now).is_none()
    };
    ways.0.into_inner().into_iter().filter(is_open).map(|way| (question, way)).collect()
}

fn key(way: (Place, Place), mode: TravelMode) -> Key {
    (ends(way), way.0.heading_deg.map(f64::to_bits), mode)
}

/// Notes which drives a chain asks for, and lets each take no time.
#[derive(Default)]
struct Ways(RefCell<Vec<(Place, Place)>>);

impl TravelTimes for Ways {
    fn estimate(&self, from: Place, to: Place, _: Trip) -> Option<Estimate> {
        self.0.borrow_mut().push((from, to));
        Some(Estimate { duration_secs: 0.0, distance_m: 0.0, source: TravelSource::Roads })
    }
}
