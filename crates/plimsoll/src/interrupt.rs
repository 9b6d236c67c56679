//! Ctrl-C leaves nothing half-written.
//!
//! Output files are written under another name and renamed at the end. An interrupt between those two would
//! leave the other name behind, so it waits for the rename; at any other time the program ends at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

static WRITING: Mutex<()> = Mutex::new(());
/// Whether the terminal does not show what is typed, since that is a password.
static HIDDEN: AtomicBool = AtomicBool::new(false);

/// Takes over SIGINT, SIGTERM and SIGHUP.
#[expect(clippy::exit, reason = "an interrupt ends the program from whichever thread hears it")]
pub(crate) fn install() {
    let ended = ctrlc::set_handler(|| {
        let _whole = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        if HIDDEN.load(Ordering::SeqCst) {
            show_again();
        }
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

/// Runs `read`, which hides what is typed; an interrupt in the midst of it leaves a terminal that shows it again.
pub(crate) fn hidden<T>(read: impl FnOnce() -> T) -> T {
    HIDDEN.store(true, Ordering::SeqCst);
    let done = read();
    HIDDEN.store(false, Ordering::SeqCst);
    done
}

fn show_again() {
    if let Ok(terminal) = std::fs::File::open("/dev/tty") {
        let _ = std::process::Command::new("stty").arg("echo").stdin(terminal).status();
    }
}
