//! The sixty people: cards and shifts around the current hour.

use chrono::{DateTime, Datelike, DurationRound, TimeDelta, Utc, Weekday};
use domain::ResourceId;
use domain::resource::{BreakRule, Resource, WorkingHours};
use domain::travel::TravelMode;
use rand::Rng;

use super::{Demo, ZONE, text};

/// How many people there are.
const PEOPLE: usize = 60;
/// The last so many have their shift later.
const LATER: usize = 5;
/// So many should have come long ago and have not.
const LATE: usize = 3;
/// So many come when their phones wake up.
const COMING: usize = 5;

/// Where somebody is in their shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift {
    /// Signed in.
    In,
    /// Should be in and isn't.
    Late,
    /// Begins in a few minutes.
    Coming,
    /// Begins hours later.
    Later,
}

/// What somebody's shift is, by their place in the list; spread over the groups.
pub(super) fn shift_of(index: usize) -> Shift {
    match PEOPLE - 1 - index {
        place if place < LATER => Shift::Later,
        place if place < LATER + LATE => Shift::Late,
        place if place < LATER + LATE + COMING => Shift::Coming,
        _ => Shift::In,
    }
}

impl Demo {
    /// The cards.
    pub(super) fn people(&mut self) -> Vec<Resource> {
        (0..PEOPLE).map(|index| self.person(index)).collect()
    }

    fn person(&mut self, index: usize) -> Resource {
        let (first, language) = text::FIRST_NAMES[index % text::FIRST_NAMES.len()];
        let family =
            text::FAMILY_NAMES[(index * 7 + index / text::FIRST_NAMES.len() * 3) % text::FAMILY_NAMES.len()];
        let group = index % text::GROUPS.len();
        let (_, skills, _) = text::GROUPS[group];
        let own_skills = if self.chance(55) { skills } else { &skills[..1] };
        let shift = shift_of(index);
        let starts = self.shift_start(shift);
        let on_duty = shift == Shift::In;
        let travels = travels(index);
        let heard_secs = self.rng.random_range(10..240);
        Resource {
            id: ResourceId(self.id()),
            name: format!("{first} {family}"),
            employee_number: format!("{}", 1001 + index),
            group: self.groups[group].id,
            phone: format!("+377 6 40 {:02} {:02} {:02}", 10 + index / 10, 20 + index % 10, 30 + index),
            email: format!("{}.{}@riviera-facilities.example", plain(first), plain(family)),
            skills: own_skills.iter().map(|&skill| self.skills[skill]).collect(),
            working_hours: self.hours(starts),
            breaks: vec![lunch(starts)],
            capacity: Some(capacity(travels)),
            travels,
            ui_language: language.to_owned(),
            profile: self.profile,
            home: Some(self.street().1),
            on_duty,
            private_since: None,
            last_heard: on_duty.then(|| self.now - TimeDelta::seconds(heard_secs)),
            battery: None,
            disabled: false,
        }
    }

    /// When today's shift starts, on a quarter of an hour.
    fn shift_start(&mut self, shift: Shift) -> DateTime<Utc> {
        let minutes = match shift {
            Shift::In => -self.rng.random_range(45..330),
            Shift::Late => -self.rng.random_range(25..80),
            Shift::Coming => self.rng.random_range(-10..15),
            Shift::Later => self.rng.random_range(150..300),
        };
        let start = self.now + TimeDelta::minutes(minutes);
        start.duration_trunc(TimeDelta::minutes(15)).unwrap_or(start)
    }

    /// Eight hours and a half on today's weekday and five others, at today's time.
    fn hours(&mut self, starts: DateTime<Utc>) -> Vec<WorkingHours> {
        let local = starts.with_timezone(&ZONE);
        let (begin, end) = (local.time(), (local + TimeDelta::minutes(510)).time());
        let today = local.weekday();
        let off = self.rng.random_range(1..7);
        let day = |ahead: i64| (0..ahead).fold(today, |day: Weekday, _| day.succ());
        (0..7)
            .filter(|&ahead| ahead != off)
            .map(|ahead| WorkingHours { weekday: day(ahead), starts: begin, ends: end })
            .collect()
    }
}

/// The old town is quicker on foot, and the harbour by bicycle: for one of ten each.
fn travels(index: usize) -> TravelMode {
    match index % 10 {
        3 => TravelMode::Bicycle,
        7 => TravelMode::Foot,
        _ => TravelMode::Car,
    }
}

/// Crates of parts and tools that go into a van, onto a bicycle, into a bag.
fn capacity(travels: TravelMode) -> u32 {
    match travels {
        TravelMode::Car => 60,
        TravelMode::Bicycle => 16,
        TravelMode::Foot => 8,
    }
}

/// Half an hour in the middle of the shift; at one time where the middle is midnight.
fn lunch(starts: DateTime<Utc>) -> BreakRule {
    let after = |minutes| (starts + TimeDelta::minutes(minutes)).with_timezone(&ZONE).time();
    let (from, to) = (after(195), after(285));
    BreakRule { from, to: to.max(from), minutes: 30 }
}

/// The name as it is written in an address.
fn plain(name: &str) -> String {
    let ascii = |letter: char| match letter {
        'é' | 'è' | 'ê' => 'e',
        'à' | 'â' => 'a',
        'ï' | 'î' => 'i',
        other => other.to_ascii_lowercase(),
    };
    name.chars().map(ascii).collect()
}
