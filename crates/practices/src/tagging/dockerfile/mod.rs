//! Practice 1 in a Dockerfile: what it builds on and installs, and at which version.

pub(crate) mod base_latest;
pub(crate) mod base_without_digest;
pub(crate) mod base_without_tag;
pub(crate) mod gem_unpinned;
pub(crate) mod go_unpinned;
pub(crate) mod npm_unpinned;
pub(crate) mod pip_unpinned;
pub(crate) mod system_unpinned;

use crate::dockerfile::DockerfileEvidence;
use crate::evidence::Evidence;
use crate::rule::{Checked, MOST_HITS};
use model::Reference;
use sources::Role;
use sources::dockerfile::{Mention, images};
use sources::shell::{Command, Word};

/// The images that FROM names, with where they are named.
fn bases(dockerfile: &DockerfileEvidence<'_>) -> Vec<(Mention, Reference)> {
    let mentions = images(dockerfile.file).into_iter().filter(|mention| mention.role == Role::Base);
    mentions.filter_map(|mention| mention.names.clone().map(|reference| (mention, reference))).collect()
}

/// What to do: `tool`, unless the digest has no place that is its own.
fn remedy(mention: &Mention, tool: &str) -> String {
    match &mention.image {
        Ok(_) => tool.to_owned(),
        Err(why) => {
            let why = why.to_string();
            format!(
                "name a version and its digest in the FROM itself: `plimsoll pin` leaves it, since {}",
                model::escaped(&why)
            )
        }
    }
}

/// One hit for each package that a command installs and nothing holds to a version; `loose` gives those of a command.
fn unpinned(evidence: &Evidence<'_>, remedy: &str, loose: impl Fn(&Command) -> Vec<&Word>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let packages = d.commands().flat_map(|(_, command)| loose(command));
    let message = |word: &Word| format!("`{}` is installed without a version", model::escaped(&word.text));
    Ok(packages.take(MOST_HITS).map(|word| d.hit(word.span, message(word), remedy)).collect())
}

/// Whether a word is the value of an option: it stands right behind one of `options`.
fn follows(command: &Command, word: &Word, options: &[&str]) -> bool {
    let words = command.arguments();
    let at = words.partition_point(|other| other.span.start < word.span.start);
    let before = at.checked_sub(1).and_then(|at| words.get(at));
    before.is_some_and(|before| options.contains(&before.text.as_str()))
}
