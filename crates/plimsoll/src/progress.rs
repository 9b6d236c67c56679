//! A bar on a terminal while layers are read; nothing in a pipe.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how many of the stored bytes were read.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar over `total` bytes; hidden unless `watched`.
    pub(crate) fn new(watched: bool, total: u64, what: &str) -> Self {
        let target = if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(model::escaped(what).into_owned());
        Self(bar)
    }

    /// So many bytes more will come.
    pub(crate) fn expect(&self, bytes: u64) {
        self.0.inc_length(bytes);
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
