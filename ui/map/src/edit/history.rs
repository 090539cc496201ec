//! Undo and redo of every step of an edit.

use std::rc::Rc;

use super::EditTool;
use super::draft::{Draft, Spot, Vertex};

/// More steps than this are forgotten, oldest first.
const STEPS_MAX: usize = 200;

/// All that a step can change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub draft: Option<Rc<Draft>>,
    pub tool: EditTool,
    /// Points of the ring or line that is being drawn, or a circle's middle.
    pub points: Vec<Vertex>,
}

/// Steps that follow each other and are taken back as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Series {
    /// One vertex moved by the arrow keys.
    Nudge(Spot),
    /// Numbers typed in the form.
    Typed,
}

#[derive(Default)]
pub(crate) struct History {
    past: Vec<Step>,
    future: Vec<Step>,
    series: Option<Series>,
}

impl History {
    /// Something was changed; `before` is how it was.
    pub(crate) fn push(&mut self, before: Step, series: Option<Series>) {
        self.future.clear();
        if series.is_some() && self.series == series {
            return;
        }
        self.series = series;
        if self.past.len() >= STEPS_MAX {
            self.past.remove(0);
        }
        self.past.push(before);
    }

    /// The step before `now`.
    pub(crate) fn undo(&mut self, now: Step) -> Option<Step> {
        let step = self.past.pop()?;
        self.series = None;
        self.future.push(now);
        Some(step)
    }

    /// The step that was taken back.
    pub(crate) fn redo(&mut self, now: Step) -> Option<Step> {
        let step = self.future.pop()?;
        self.series = None;
        self.past.push(now);
        Some(step)
    }

    pub(crate) fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub(crate) fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}
