//! Large buffers go back to the system as soon as they are free.
//!
//! glibc maps large blocks, and takes the first that is freed for a sign that there will be more: from then on blocks up to
//! that size (8 MiB, a window of Zstandard) stay with the thread that freed them. With two layers at a time and two
//! threads each, windows that nobody uses any more stand beside what is assembled from the layers.

#![expect(unsafe_code, reason = "glibc's settings have no safe name")]

/// Blocks of at least this many bytes are mapped, and unmapped when they are freed.
const MAPPED: i32 = 1 << 20;

/// Sets that once, at the start.
pub(crate) fn settle() {
    // SAFETY: `mallopt` takes two numbers and keeps nothing; whatever it makes of them, allocation stays sound.
    // That it cannot be set costs memory alone.
    let _ = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED) };
}
