//! What an image carries in vain, told to the person who can change it: which instruction brought it, what to write
//! instead, how many bytes that saves, and the edit itself where it is sure to change nothing else.
//!
//! Which instruction made a layer is taken from the best that there is: the builder's own map, the Dockerfile held
//! against the image's history, the history alone. What does not fit is said, never guessed.

mod advice;
mod dive_rules;
mod lines;
mod mend;

pub(crate) use mend::{needs_lists, plain_run};
mod totals;

pub use advice::{Advice, Scene, advise, edits};
pub use dive_rules::{DiveOutcome, DiveRuleError, DiveRules};
pub use lines::{Blame, Known, Lines};
pub use mend::Mend;
pub use totals::{Budget, BudgetError, Totals, culprit, is_yours};
