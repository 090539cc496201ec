//! What is wrong with a problem or an assignment.

use domain::{ResourceId, TaskId};

/// Why there is no answer: the question contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There is nobody.
    #[error("there is nobody to plan for")]
    NoWorkers,
    /// A worker is there twice.
    #[error("resource {0} is there twice")]
    WorkerTwice(ResourceId),
    /// A task is there twice, or is fixed or assigned twice.
    #[error("task {0} is there twice")]
    TaskTwice(TaskId),
    /// A worker is named that isn't among the workers.
    #[error("resource {0} is unknown")]
    UnknownWorker(ResourceId),
    /// A task is named that isn't among the jobs.
    #[error("task {0} is unknown")]
    UnknownTask(TaskId),
    /// A matrix of the wrong size.
    #[error("{legs} legs do not fill a matrix of {places} places")]
    MatrixSize {
        /// Rows and columns.
        places: usize,
        /// Legs given.
        legs: usize,
    },
    /// Matrices of different places.
    #[error("the matrices are of different sizes")]
    MatricesDiffer,
    /// Somebody travels by a matrix that is not there.
    #[error("there is no matrix {0}")]
    NoSuchMatrix(usize),
    /// A time or way that is negative, not a number, or absurdly long.
    #[error("a leg is no length of time or way")]
    BadLeg,
    /// A place that is not in the matrix.
    #[error("place {0} is not in the matrix")]
    NoSuchPlace(u32),
    /// A shift or a break of this worker ends before it begins, breaks overlap, or a time is absurdly far away.
    #[error("the hours of resource {0} make no sense")]
    BadHours(ResourceId),
    /// A window of this task ends before it begins, windows overlap, or a time is absurdly far away.
    #[error("the times of task {0} make no sense")]
    BadTimes(TaskId),
    /// Capacities and demands don't speak of the same goods.
    #[error("capacities and demands have different numbers of dimensions")]
    Dimensions,
    /// A task is locked, and nobody has it.
    #[error("task {0} is locked but not assigned")]
    LockedToNobody(TaskId),
    /// A task is fixed with one worker and assigned to another.
    #[error("task {0} is fixed with one resource and assigned to another")]
    FixedElsewhere(TaskId),
    /// Weights so large that costs could not be added up.
    #[error("a weight is too large")]
    BadWeights,
}
