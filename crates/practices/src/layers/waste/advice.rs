//! What to do about each group of waste, the largest saving first.

use super::lines::{Blame, Lines};
use super::mend::{self, Mend};
use super::totals::is_yours;
use crate::dockerfile::DockerfileEvidence;
use crate::layers::tools;
use crate::words::{clipped, shell};
use facts::LayerFacts;
use facts::image::{Cause, ImageFacts, WasteGroup};
use facts::waste::Wasted;
use sources::Edit;
use sources::dockerfile::Dockerfile;

/// All that advice looks at.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What the image holds.
    pub facts: &'a ImageFacts,
    /// Every entry of every layer.
    pub layers: &'a [LayerFacts],
    /// Every file that is there in vain.
    pub wasted: &'a [Wasted],
    /// What made each layer.
    pub lines: &'a Lines,
    /// The Dockerfile that the lines are of.
    pub file: Option<&'a DockerfileEvidence<'a>>,
    /// How many of the layers are the base's.
    pub base: usize,
}

/// What to do about one group of waste.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The group, an index into the facts' waste.
    pub group: usize,
    /// Bytes of files that it saves.
    pub saves: u64,
    /// What to write, in words.
    pub remedy: String,
    /// The same as an edit, if it is sure to change nothing else.
    pub mend: Option<Mend>,
}

impl Scene<'_> {
    pub(super) fn blame(&self, layer: u32) -> Option<&Blame> {
        self.lines.layers.get(layer as usize)
    }

    pub(super) fn layer(&self, layer: u32) -> Option<&LayerFacts> {
        self.layers.get(layer as usize)
    }

    /// The first word of the instruction that made a layer.
    fn keyword(&self, layer: u32) -> String {
        let text = self.blame(layer).and_then(|blame| blame.text.as_deref()).unwrap_or_default();
        text.split(' ').next().unwrap_or_default().to_ascii_uppercase()
    }
}

/// Advice on all waste that is the image's own doing, the most bytes first.
pub fn advise(scene: &Scene<'_>) -> Vec<Advice> {
    let groups = scene.facts.waste.iter().enumerate().filter(|(_, group)| is_yours(group, scene.base));
    let one = |(number, group): (usize, &WasteGroup)| {
        let mend = mend::mend(scene, group);
        let remedy = match &mend {
            Some(mend) => mend::words(mend, group.hidden_by.and_then(|layer| scene.blame(layer))),
            None => remedy(scene, group),
        };
        Advice { group: number, saves: group.bytes, remedy, mend }
    };
    let mut all: Vec<Advice> = groups.map(one).collect();
    all.sort_by_key(|advice| (std::cmp::Reverse(advice.saves), advice.group));
    all
}

/// The edits of all safe changes together, and which of them they are; the others' stay advice.
pub fn edits(file: &Dockerfile, advice: &[Advice]) -> (Vec<Edit>, Vec<usize>) {
    let (mut chosen, mut numbers, mut found): (Vec<&Mend>, Vec<usize>, Vec<Edit>) = Default::default();
    for (number, mend) in advice.iter().enumerate().filter_map(|(n, a)| Some((n, a.mend.as_ref()?))) {
        chosen.push(mend);
        match mend::edits(file, &chosen) {
            Some(edits) => {
                found = edits;
                numbers.push(number);
            }
            None => drop(chosen.pop()),
        }
    }
    (found, numbers)
}

fn remedy(scene: &Scene<'_>, group: &WasteGroup) -> String {
    let maker = scene.keyword(group.layer);
    let is_copy = matches!(maker.as_str(), "COPY" | "ADD");
    let path = group.largest.first().map_or_else(String::new, |(path, _)| clipped(&path.to_string()));
    if (group.layer as usize) < scene.base && matches!(group.cause, Cause::Metadata | Cause::Moved) {
        return format!("leave the base's files as they are: {path} is stored again whole for it");
    }
    match group.cause {
        Cause::Secret => "rotate it, since everyone who can pull the image has it; then hand it to the build with \
                          `RUN --mount=type=secret`"
            .to_owned(),
        Cause::Cache => tools::clean(group.tool.as_deref().unwrap_or_default()).to_owned(),
        Cause::Database => "install all packages in one RUN, if they change together".to_owned(),
        Cause::Metadata if is_copy => {
            format!("give owner and mode where the files come in: `{maker} --chown=… --chmod=…`")
        }
        Cause::Metadata => "set owner and mode in the instruction that makes the files".to_owned(),
        Cause::Moved if is_copy => format!("copy it to where it ends: `{maker} … {}`", moved_to(scene, group)),
        Cause::Moved => format!("move {path} in the instruction that makes it"),
        Cause::Overwritten if is_copy => format!("copy only what stays: {path} is replaced later"),
        Cause::Overwritten => format!("write {path} once, in one instruction"),
        Cause::Deleted if is_copy => {
            "mount what only the build needs, `RUN --mount=type=bind,source=…,target=…`, or copy only the result from \
             a build stage"
                .to_owned()
        }
        Cause::Deleted => {
            format!("delete it in the instruction that makes it: end that RUN with `&& rm -rf {}`", of_command(group))
        }
        Cause::Repository if is_copy => {
            "leave it out of what the build is given: a line `**/.git` in `.dockerignore`".to_owned()
        }
        Cause::Repository => {
            "remove it in the RUN that fetched it, such as `&& rm -rf .git`, or fetch an archive instead".to_owned()
        }
        Cause::Copied => {
            format!("keep one of them: link to it instead of copying (`ln`), {path} is in a lower layer too")
        }
    }
}

/// The largest file of a group, as a command takes it.
fn of_command(group: &WasteGroup) -> String {
    group.largest.first().map_or_else(|| "…".to_owned(), |(path, _)| shell(&path.to_string()))
}

/// Where the largest file of a group went.
fn moved_to(scene: &Scene<'_>, group: &WasteGroup) -> String {
    let is_of = |w: &&Wasted| w.cause == Cause::Moved && w.file.layer == group.layer && w.hidden_by == group.hidden_by;
    let size = |w: &Wasted| scene.layers.get(w.file.layer as usize)?.entries.get(w.file.entry as usize).map(|e| e.size);
    let largest = scene.wasted.iter().filter(is_of).max_by_key(|w| size(w));
    let entry = largest
        .and_then(|w| w.other)
        .and_then(|at| scene.layers.get(at.layer as usize)?.entries.get(at.entry as usize));
    entry.map_or_else(|| "…".to_owned(), |entry| clipped(&entry.path.to_string()))
}

#[cfg(test)]
mod tests;
