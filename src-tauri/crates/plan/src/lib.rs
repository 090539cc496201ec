//! x
#![allow(dead_code)]
mod error; mod matrix; mod options; mod problem; mod search; mod weights;
pub use error::PlanError; pub use matrix::{Leg,Matrix,PlaceNo}; pub use options::{Budget,Options,Progress}; pub use problem::*; pub use weights::Weights;
/// x
pub fn raw(problem: &DayProblem, options: &Options<'_>, watch: &mut dyn FnMut(&Progress) -> std::ops::ControlFlow<()>) -> Vec<Vec<u32>> {
    let model = search::Model::new(problem, options.weights);
    let present = vec![Vec::new(); model.workers.len()];
    search::search(&model, &present, options.seed, options.budget, watch).routes
}
