//! `cargo xtask proof truth`: what Plimsoll lists of an image beside what the image's own package managers list when
//! they are run in it. Every difference needs a reason that is written down here; one without fails.
//!
//! Other tools' differences stand beside ours, counted but not explained.

mod bill;
mod listing;
mod reasons;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::images::{debian, demo, service};
use crate::paths;
use crate::tools::{apt, cargo, output, print, python, run};
use bill::Bill;
use listing::{Chroot, Lister};

/// An ecosystem, a name and a version, in that ecosystem's own spelling of names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    ecosystem: &'static str,
    name: String,
    version: String,
}

impl Item {
    /// Names that the ecosystem takes for the same become the same.
    fn new(ecosystem: &'static str, name: &str, version: &str) -> Self {
        let name = match ecosystem {
            // PEP 503.
            "python" => name.to_lowercase().replace(['_', '.'], "-"),
            _ => name.to_owned(),
        };
        Self { ecosystem, name, version: version.to_owned() }
    }
}

/// An image and the package managers to ask in it.
struct Subject {
    name: &'static str,
    folder: PathBuf,
    listers: Vec<Lister>,
}

/// All images, all package managers, and the peer.
pub(crate) fn all() -> Result<()> {
    apt::need(&["mmdebstrap", "python3-venv", "tar", "umoci"])?;
    let peer = python::peer()?;
    let minimal = minimal(debian::minimal(debian::State::Today)?);
    let demo = Subject { name: "demo", folder: demo::image()?, listers: listing::DEMO.to_vec() };
    let service = Subject { name: "service", folder: service::image()?, listers: listing::SERVICE.to_vec() };
    let program = cargo::release()?;
    prove(&program, Some(&peer), &[minimal, demo, service])
}

/// The smallest image alone and no peer, with the program as tests build it.
pub(crate) fn slice() -> Result<()> {
    run(cargo::end_to_end("e2e").args(["--quiet", "--no-run"]))?;
    let image = debian::minimal(debian::State::Today)?;
    prove(&cargo::target().join("debug/plimsoll"), None, &[minimal(image)])
}

fn minimal(folder: PathBuf) -> Subject {
    Subject { name: "minimal", folder, listers: listing::MINIMAL.to_vec() }
}

fn prove(program: &Path, peer: Option<&Path>, subjects: &[Subject]) -> Result<()> {
    let work = paths::fresh("truth")?;
    print(format_args!("| image | asked | lists | not in ours | only in ours | not in syft's | only in syft's |"));
    print(format_args!("|---|---|---|---|---|---|---|"));
    let mut told = Told::default();
    for subject in subjects {
        let layout = subject.folder.join("layout");
        let ours = bill::ours(program, &layout, &work)?;
        let theirs = peer.map(|peer| bill::peers(peer, &layout, &work)).transpose()?;
        let chroot = Chroot::unpack(&layout, &work.join(subject.name))?;
        for lister in &subject.listers {
            let listed = lister.ask(&chroot)?;
            if listed.is_empty() {
                return Err(Error::Unproven(format!("`{}` lists nothing in the image {}", lister.asked, subject.name)));
            }
            told.compare(subject.name, lister, &listed, &ours, theirs.as_ref());
        }
        chroot.remove()?;
    }
    told.finish()
}

/// Differences by reason, and those without one.
#[derive(Default)]
struct Told {
    reasons: BTreeMap<(&'static str, &'static str), (usize, String)>,
    unexplained: Vec<String>,
}

impl Told {
    fn compare(&mut self, image: &str, lister: &Lister, listed: &listing::Listed, ours: &Bill, theirs: Option<&Bill>) {
        let missing: Vec<_> = listed.iter().filter(|(item, _)| !ours.has(item)).collect();
        let beyond: Vec<_> = ours.of(lister.ecosystem).filter(|(item, _)| !listed.contains_key(*item)).collect();
        for &(item, place) in &missing {
            let why = reasons::why_missing(item, place, ours);
            self.tell(image, lister, &format!("{} {} is not in ours", item.name, item.version), why);
        }
        for (item, found) in &beyond {
            let why = reasons::why_beyond(item, found, listed);
            let what = format!("{} {} is only in ours ({})", item.name, item.version, found.path);
            self.tell(image, lister, &what, why);
        }
        let peer = theirs.map_or(["-".to_owned(), "-".to_owned()], |bill| {
            let missing = listed.keys().filter(|item| !bill.has(item)).count();
            let beyond = bill.of(lister.ecosystem).filter(|(item, _)| !listed.contains_key(*item)).count();
            [missing.to_string(), beyond.to_string()]
        });
        let [peer_missing, peer_beyond] = peer;
        let (asked, count) = (lister.asked, listed.len());
        let (missing, beyond) = (missing.len(), beyond.len());
        print(format_args!(
            "| {image} | `{asked}` | {count} | {missing} | {beyond} | {peer_missing} | {peer_beyond} |"
        ));
    }

    fn tell(&mut self, image: &str, lister: &Lister, what: &str, why: Option<&'static str>) {
        match why {
            Some(why) => {
                let example = format!("{image}: {what}");
                self.reasons.entry((lister.ecosystem, why)).or_insert((0, example)).0 += 1;
            }
            None => self.unexplained.push(format!("{image}, `{}`: {what}", lister.asked)),
        }
    }

    fn finish(self) -> Result<()> {
        print(format_args!("\nOur differences, by reason:\n"));
        for ((ecosystem, why), (count, example)) in &self.reasons {
            print(format_args!("- {ecosystem}, {count}: {why}. E.g. {example}."));
        }
        if self.unexplained.is_empty() {
            return Ok(());
        }
        let (count, first) = (self.unexplained.len(), self.unexplained.iter().take(40));
        let first = first.cloned().collect::<Vec<_>>().join("\n");
        Err(Error::Unproven(format!("{count} differences without a reason:\n{first}")))
    }
}

/// A program's answer as text, run with nothing of this machine's settings.
fn answer(command: &mut Command) -> Result<String> {
    output(command.env("LC_ALL", "C.UTF-8").env("HOME", "/root"))
}
