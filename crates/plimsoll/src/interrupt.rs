//! Ctrl-C leaves nothing half-written.
//!
//! Output files are written under another name and renamed at the end. An interrupt between those two would
//! leave the other name behind, so it waits for the rename; at any other time the program ends at once.

use std::sync::Mutex;
use std::sync::PoisonError;

static WRITING: Mutex<()> = Mutex::new(());

/// Takes over SIGINT, SIGTERM and SIGHUP.
#[expect(clippy::exit, reason = "an interrupt ends the program from whichever thread hears it")]
pub(crate) fn install() {
    let ended = ctrlc::set_handler(|| {
        let _whole = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        std::process::exit(130);
    });
    // Without a handler the program still ends at once; only the guarantee about names is lost.
    drop(ended);
}

/// Runs `write` without being interrupted in the midst of it.
pub(crate) fn whole<T>(write: impl FnOnce() -> T) -> T {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    write()
}
