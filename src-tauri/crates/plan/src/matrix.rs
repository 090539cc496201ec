//! Drives between the places of a day.

use std::sync::Arc;

use crate::error::PlanError;

/// A place by its row and column in the [`Matrix`], counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceNo(pub u32);

/// The longest drive that is believed, seconds: a week.
const LONGEST_SECS: u32 = 7 * 86_400;

/// One drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// Driving time in seconds.
    pub secs: u32,
    /// Way in metres.
    pub metres: u32,
}

impl Leg {
    /// Of figures as routers give them, rounded.
    ///
    /// # Errors
    /// [`PlanError::BadLeg`] if one is negative, not a number, or more than a week.
    pub fn new(duration_secs: f64, distance_m: f64) -> Result<Self, PlanError> {
        let good = |value: f64, most: f64| (0.0..=most).contains(&value);
        if good(duration_secs, LONGEST_SECS.into()) && good(distance_m, u32::MAX.into()) {
            Ok(Self { secs: duration_secs.round() as u32, metres: distance_m.round() as u32 })
        } else {
            Err(PlanError::BadLeg)
        }
    }
}

/// All drives between some places; there may be no way from one to another, and the way back may differ. A clone shares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    places: usize,
    legs: Arc<[Option<Leg>]>,
}

impl Matrix {
    /// Of `places` × `places` legs, row by row: from the place of the row to the place of the column. `None`: no known way.
    ///
    /// # Errors
    /// [`PlanError::MatrixSize`] if there are more or fewer legs, [`PlanError::BadLeg`] for a drive of more than a week.
    pub fn new(places: usize, legs: Vec<Option<Leg>>) -> Result<Self, PlanError> {
        if legs.len() != places * places {
            return Err(PlanError::MatrixSize { places, legs: legs.len() });
        }
        if legs.iter().flatten().any(|leg| leg.secs > LONGEST_SECS) {
            return Err(PlanError::BadLeg);
        }
        Ok(Self { places, legs: legs.into() })
    }

    /// Number of places.
    pub fn places(&self) -> usize {
        self.places
    }

    /// The drive, if there is a way and both places are in the matrix. From a place to itself it is nothing.
    pub fn leg(&self, from: PlaceNo, to: PlaceNo) -> Option<Leg> {
        let (row, column) = (from.0 as usize, to.0 as usize);
        if row >= self.places || column >= self.places {
            None
        } else if row == column {
            Some(Leg { secs: 0, metres: 0 })
        } else {
            self.legs[row * self.places + column]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_of_a_large_matrix_is_small() {
        let places = 300;
        let matrix = Matrix::new(places, vec![Leg::new(60.0, 800.0).ok(); places * places]).expect("square");
        assert!(Arc::ptr_eq(&matrix.legs, &matrix.clone().legs), "plans are cloned while people wait");
    }
}
