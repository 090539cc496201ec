//! The planner from outside: days with a known answer, random days, absurd questions.

mod absurd;
mod days;
mod random;
mod town;
