//! Files mapped into memory: the one place that the compiler cannot vouch for.
//!
//! Only for immutable files of our own folder, which are replaced by renaming and never written to. Whoever truncates
//! one by hand while it is mapped ends the program with a bus error, and nothing worse: the bytes are only read, and
//! every reader checks them.

#![expect(unsafe_code, reason = "mapping a file is unsafe, since another program may change it; see above")]

use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::path::Path;

/// Maps a file for reading.
pub(crate) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the file is immutable by the rule above; the mapping is read-only and outlives no borrow of it.
    unsafe { Mmap::map(&file) }
}
