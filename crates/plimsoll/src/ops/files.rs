//! The files below a folder, the same for every command that looks through one.
//!
//! What git ignores is left out, be the folder a repository or not, and so is what `.plimsollignore` names. The user's
//! own global list is not asked: everybody sees the same files. Links are not followed.

use ignore::{Walk, WalkBuilder};
use std::path::Path;

/// Everything below `root`, each folder's entries in the order of their names.
pub(crate) fn below(root: &Path) -> Walk {
    WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .require_git(false)
        .git_global(false)
        .follow_links(false)
        .add_custom_ignore_filename(".plimsollignore")
        .filter_entry(|entry| entry.file_name() != ".git")
        .sort_by_file_name(Ord::cmp)
        .build()
}
