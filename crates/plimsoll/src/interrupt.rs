//! Ctrl-C leaves nothing half-done.
//!
//! Output files are written under another name and renamed at the end. An interrupt between those two would
//! leave the other name behind, so it waits for the rename. What has begun something elsewhere (an upload in a
//! registry) is told to end it first, and given a moment; at any other time the program ends at once. What
//! runs until it is told to stop asks to be told ([`gently`]) and ends by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long an interrupted command may take to tidy up.
const PATIENCE: Duration = Duration::from_secs(5);

static WRITING: Mutex<()> = Mutex::new(());
static CLEANER: Mutex<Option<Cleaner>> = Mutex::new(None);
static BUSY: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// What an interrupted command does before the program ends.
pub(crate) struct Cleaner {
    /// Makes it end by itself, soon.
    pub(crate) stop: Box<dyn Fn() + Send>,
    /// The last thing, if it did not.
    pub(crate) last: Box<dyn Fn() + Send>,
}

/// A command that tidies up; over when dropped.
pub(crate) struct Cleaning(());

static STOP: Mutex<Stop> = Mutex::new(Stop::AtOnce);
static TOLD: Condvar = Condvar::new();
/// Whether the terminal does not show what is typed, since that is a password.
static HIDDEN: AtomicBool = AtomicBool::new(false);

/// What an interrupt does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// It ends the program.
    AtOnce,
    /// It tells the program.
    Gently,
    /// It has told the program, and ends it the next time.
    Told,
}

/// Takes over SIGINT, SIGTERM and SIGHUP.
#[expect(clippy::exit, reason = "an interrupt ends the program from whichever thread hears it")]
pub(crate) fn install() {
    let ended = ctrlc::set_handler(|| {
        {
            let mut stop = STOP.lock().unwrap_or_else(PoisonError::into_inner);
            if *stop == Stop::Gently {
                *stop = Stop::Told;
                TOLD.notify_all();
                return;
            }
        }
        clean();
        let _whole = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        if HIDDEN.load(Ordering::SeqCst) {
            show_again();
        }
        std::process::exit(130);
    });
    // Without a handler the program still ends at once; only the guarantee about names is lost.
    drop(ended);
}

fn clean() {
    INTERRUPTED.store(true, Ordering::SeqCst);
    let Some(cleaner) = CLEANER.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
    (cleaner.stop)();
    let busy = BUSY.0.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = BUSY.1.wait_timeout_while(busy, PATIENCE, |busy| *busy);
    let is_busy = *waited.unwrap_or_else(PoisonError::into_inner).0;
    if is_busy {
        (cleaner.last)();
    }
}

/// From now on until the end of the value an interrupt goes through `cleaner`.
pub(crate) fn before_ending(cleaner: Cleaner) -> Cleaning {
    *BUSY.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
    *CLEANER.lock().unwrap_or_else(PoisonError::into_inner) = Some(cleaner);
    Cleaning(())
}

impl Drop for Cleaning {
    fn drop(&mut self) {
        *BUSY.0.lock().unwrap_or_else(PoisonError::into_inner) = false;
        BUSY.1.notify_all();
        CLEANER.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The program is about to end with the code of an interrupt, not with an error of ours.
        while INTERRUPTED.load(Ordering::SeqCst) {
            std::thread::park();
        }
    }
}

/// Runs `write` without being interrupted in the midst of it.
pub(crate) fn whole<T>(write: impl FnOnce() -> T) -> T {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    write()
}

/// From now on the first interrupt only tells [`wait`] and [`stopped`].
pub(crate) fn gently() {
    *STOP.lock().unwrap_or_else(PoisonError::into_inner) = Stop::Gently;
}

/// Whether the program was told to stop.
pub(crate) fn stopped() -> bool {
    *STOP.lock().unwrap_or_else(PoisonError::into_inner) == Stop::Told
}

/// Waits for this long, or until the program is told to stop; whether it was.
pub(crate) fn wait(time: Duration) -> bool {
    let stop = STOP.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = TOLD.wait_timeout_while(stop, time, |stop| *stop != Stop::Told);
    *waited.unwrap_or_else(PoisonError::into_inner).0 == Stop::Told
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
