//! What a command reads, retained on the way: one ledger for all targets, opened when there is something to retain.

use super::common::Common;
use crate::failure::with_causes;
use crate::ops::{Reading, is_retained, retain};
use crate::printer::{Printer, Tone};
use crate::surroundings::Surroundings;
use ledger::Ledger;
use std::cell::OnceCell;

/// Retains SBOMs for a command.
pub(super) struct Keeper<'k> {
    common: &'k Common,
    surroundings: &'k Surroundings,
    /// How long they stay.
    days: u32,
    ledger: OnceCell<Option<Ledger>>,
}

impl<'k> Keeper<'k> {
    pub(super) fn new(common: &'k Common, surroundings: &'k Surroundings, days: u32) -> Self {
        Self { common, surroundings, days, ledger: OnceCell::new() }
    }

    /// Retains the SBOM of what was read. That it could not be is said and no failure: the answer is as good without.
    pub(super) fn keep(&self, reading: &Reading, printer: &mut Printer) {
        if !is_retained(reading) {
            return;
        }
        let Some(ledger) = self.ledger.get_or_init(|| self.common.ledger(self.surroundings, printer)) else { return };
        if let Err(error) = retain(reading, ledger, self.surroundings.now, self.days) {
            let why = with_causes(&error);
            printer.warn(&format!("{} the SBOM could not be retained: {why}", Tone::Warn.set("note:")));
        }
    }
}
