//! Why the program could not do its work: exit code 2, with a chain of causes and a hint.

use crate::printer::{Printer, Tone};
use model::escaped;
use std::error::Error;
use std::path::PathBuf;
use std::{fmt, io};

/// Tags that a hint lists.
const TAGS: usize = 5;

/// What stopped the program. Never a rule that says no: that is a verdict.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The image could not be had.
    #[error(transparent)]
    Transport(Box<transport::TransportError>),
    /// The target names nothing.
    #[error(transparent)]
    Target(#[from] transport::TargetError),
    /// Stored sign-ins could not be read.
    #[error(transparent)]
    Credentials(#[from] transport::CredentialError),
    /// The engine's address is wrong.
    #[error(transparent)]
    Engine(#[from] transport::EngineError),
    /// The policy file is wrong.
    #[error("{}:{}:{}: {}", path.display(), error.line, error.column, error.problem)]
    Policy { path: PathBuf, error: Box<practices::PolicyError> },
    /// A decision that does not say what one must say.
    #[error("the decision is not written: {}", .0.problem)]
    Undecided(Box<practices::PolicyError>),
    /// A bill of materials is about one image.
    #[error("`cyclonedx-json` is about one image: give one target, or one command for each")]
    OneBill,
    /// Components that only somebody else's document names.
    #[error("`{0}` is an SBOM, and its components are not listed anew: `-o openvex` or `-o json` say what was found")]
    ClaimedBill(String),
    /// There is no file of decisions.
    #[error("there is no `plimsoll.decisions.toml` in `{}` or above it", .0.display())]
    NoDecisions(PathBuf),
    /// No decision to move the end of.
    #[error("{path}: no decision with a day on which it ends begins in line {line}")]
    NoDecision { path: String, line: u32 },
    /// A file could not be read or written.
    #[error("cannot {what} `{}`: {source}", path.display())]
    File { what: &'static str, path: PathBuf, source: io::Error },
    /// A template that is not one, or does not fit; Docker's words.
    #[error("template parsing error: {0}")]
    Template(#[from] documents::go_template::TemplateError),
    /// No container has that name.
    #[error("no container is named `{0}`")]
    NoContainer(String),
    /// Several images where one is shown.
    #[error("one image at a time is shown in full")]
    OneTarget,
    /// A target without a config.
    #[error("`{0}` is a root filesystem: it has no config that Docker's document could be made of")]
    NoConfig(String),
    /// A document could not be written.
    #[error("cannot write the document: {0}")]
    Document(#[from] documents::WriteError),
    /// stdout is gone.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// No rule has this code or name.
    #[error("there is no rule `{0}`")]
    NoRule(String),
    /// Two documents would be written over or behind each other.
    #[error("two documents would go to {}", .0.as_ref().map_or_else(|| "stdout".to_owned(), |f| format!("`{}`", f.display())))]
    SameOutput(Option<PathBuf>),
    /// A source tree where an image is needed.
    #[error("`{0}` is a folder of source texts, not an image")]
    Source(String),
    /// A folder that is no image, where one is copied.
    #[error("`{0}` is nothing that can be copied from or to")]
    NotCopied(String),
    /// A folder cannot be walked through.
    #[error("cannot look through `{}`: {error}", path.display())]
    Walk { path: PathBuf, error: Box<ignore::Error> },
    /// Nothing to judge.
    #[error("no Dockerfile is in {}", .0.iter().map(|p| format!("`{}`", p.display())).collect::<Vec<_>>().join(", "))]
    NoDockerfile(Vec<PathBuf>),
    /// A folder without a text that names images.
    #[error("no file in `{0}` is of a kind that names images")]
    NothingNamed(String),
    /// A file that is no Dockerfile.
    #[error("`{}`: {refusal}", path.display())]
    Dockerfile { path: PathBuf, refusal: sources::dockerfile::Refusal },
    /// A text of another kind, where Dockerfiles are judged.
    #[error("`{}` is no Dockerfile: it is read as {what}", path.display())]
    NotDockerfile { path: PathBuf, what: &'static str },
    /// A registry's image without the network.
    #[error("`{0}` is in a registry, and `--offline` was asked for")]
    Offline(String),
    /// An image that is said to be another's base.
    #[error("`{base}` is not the base: {why}")]
    NotBase { base: String, why: String },
    /// A page of two images.
    #[error("`-o html` shows one image")]
    NoPage,
    /// Fixes that are made nowhere.
    #[error("`--unsafe-fixes` says which fixes, and not what to do with them")]
    UnsafeAlone,
    /// stdin is no file to write.
    #[error("`--fix` writes into files, and stdin is none")]
    FixesStdin,
    /// A file of thresholds that makes no sense.
    #[error("{}:{line}: {why}", path.display())]
    Thresholds { path: PathBuf, line: u32, why: String },
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] ledger::cache::CacheError),
    /// A list that was given makes no sense.
    #[error("{}:{line}: {why}", path.display())]
    List { path: PathBuf, line: usize, why: String },
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// There is no ledger to look at.
    #[error("there is no ledger at `{0}` yet")]
    NoLedger(String),
    /// Nobody looked.
    #[error("the ledger knows nothing of {0}")]
    NoHistory(String),
    /// A history is one tag's.
    #[error("`{reference}` names no tag whose history could be told")]
    NoTag { reference: String, repository: String, tags: Vec<String> },
    /// Notifications from anywhere, from anybody.
    #[error("`{0}` can be reached from other machines, and no token is asked for")]
    OpenDoor(String),
    /// A checkpoint that is none.
    #[error("`{}` is no checkpoint: {error}", path.display())]
    Checkpoint { path: PathBuf, error: ledger::CheckpointError },
    /// There is nowhere to keep a ledger.
    #[error("there is no folder for the ledger: neither PLIMSOLL_HOME nor XDG_STATE_HOME nor HOME is set")]
    NoState,
    /// There is nowhere to keep a cache.
    #[error("there is no folder for the cache: neither PLIMSOLL_HOME nor XDG_CACHE_HOME nor HOME is set")]
    NoHome,
    /// The index of advisories does not name its parts.
    #[error("{}: {error}", path.display())]
    Manifest { path: PathBuf, error: advisories::manifest::ManifestError },
    /// A part of the index is not the file that was installed.
    #[error("`{}` has another length than when it was installed", path.display())]
    IndexSize { path: PathBuf },
    /// A part of the index is no segment.
    #[error("the index's part `{name}` cannot be read: {error}")]
    Segment { name: String, error: advisories::OpenError },
    /// The index is damaged inside.
    #[error(transparent)]
    IndexDamage(#[from] advisories::Damage),
    /// The index could not be written.
    #[error(transparent)]
    IndexBuild(#[from] advisories::BuildError),
    /// Another update is at work.
    #[error("another `plimsoll db update` is at work in `{}`", .0.display())]
    IndexBusy(PathBuf),
    /// There is no index.
    #[error("there is no index of advisories in `{}`", .0.display())]
    NoIndex(PathBuf),
    /// A source is not what it should be.
    #[error("`{}`: {error}", path.display())]
    Feed { path: PathBuf, error: advisories::feeds::FeedError },
    /// A source's file is too large.
    #[error("`{}` is longer than {limit} bytes", path.display())]
    FeedSize { path: PathBuf, limit: u64 },
    /// A folder that should hold OSV's archives.
    #[error("`{}` holds no `ECOSYSTEM/all.zip`", .0.display())]
    NoArchives(PathBuf),
    /// No SBOM is retained of it.
    #[error("no SBOM of `{0}` is retained")]
    NotRetained(String),
    /// No SBOM is retained at all.
    #[error("no SBOM of any image is retained in the ledger")]
    NothingRetained,
    /// Neither a vulnerability nor a package.
    #[error("`{text}` is neither a vulnerability nor a package URL: {why}")]
    NoQuestion { text: String, why: String },
    /// A file that is no SBOM.
    #[error("`{}`: {error}", path.display())]
    Claims { path: PathBuf, error: documents::claims::ClaimError },
    /// A source that must be brought, without the network.
    #[error("`{0}` must be asked, and `--offline` was given")]
    OfflineFeed(String),
    /// A server without the file.
    #[error("there is no feed at `{0}`")]
    NoFeed(String),
    /// A root of OSV's archives that does not say what it has.
    #[error("`{0}` names no ecosystem that could be judged")]
    NoEcosystems(String),
    /// Not asked, because another question to the same host failed for good.
    #[error("`{reference}` was not asked for: {host} gave no answer before")]
    NotAsked { reference: String, host: String },
    /// A time that the ledger cannot know of.
    #[error("{0} has not been yet: the ledger knows the past")]
    NotYet(jiff::Timestamp),
    /// The ledger does not know what a tag named.
    #[error("the ledger did not see what `{reference}` named at {time}")]
    NeverSeen { reference: String, time: jiff::Timestamp },
    /// A registry did not take a sign-in, or could not be asked.
    #[error(transparent)]
    Registry(Box<transport::RegistryError>),
    /// What is signed in to is no registry.
    #[error("`{0}` is no registry's host")]
    NoRegistry(String),
    /// A password was asked for and there is nobody to give it.
    #[error("there is no password: stdin is not a terminal, and `--password-stdin` was not asked for")]
    NoPassword,
    /// A sign-in without a name or without a secret.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// A destination that no tag stands in.
    #[error("`{0}` names no tag that could be moved")]
    NotATag(String),
    /// A tag of another repository, where the image is not.
    #[error(
        "`{reference}` is in another repository than the image, which is in {home}: `plimsoll promote` brings it there"
    )]
    OtherRepository { reference: String, home: String },
    /// Somebody else was quicker.
    #[error("`{reference}` was moved by somebody else meanwhile: it names {}", found.map_or_else(|| "nothing".to_owned(), |d| d.to_string()))]
    MovedMeanwhile { reference: String, found: Option<model::Digest> },
    /// A file that is not in the image, or no file.
    #[error("{}", not_in_image(target, path, *what, *unread))]
    NotInImage { target: String, path: String, what: Option<&'static str>, unread: bool },
    /// A file whose bytes could not be had again.
    #[error("`{target}`: {why}")]
    NotRead { target: String, why: String },
    /// Nothing could be signed or verified.
    #[error(transparent)]
    Signing(#[from] crate::ops::signing::SignFailure),
    /// The image is for another platform than the one asked for.
    #[error("`{target}` is for {found}, not for {wanted}")]
    OtherPlatform { target: String, found: String, wanted: String },
}

impl From<transport::TransportError> for Failure {
    fn from(error: transport::TransportError) -> Self {
        Self::Transport(Box::new(error))
    }
}

impl Failure {
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Transport(error) => error.hint(),
            Self::Target(error) => error.hint(),
            Self::Engine(error) => error.hint().map(str::to_owned),
            Self::Policy { error, .. } | Self::Undecided(error) => error.hint.clone(),
            Self::File { what: "write", source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("make its folder first".to_owned())
            }
            Self::Offline(_) => Some("leave out `--offline`, or name a copy on this machine".to_owned()),
            Self::NoRule(_) => Some("`plimsoll check --explain list` lists all of them".to_owned()),
            Self::NothingNamed(_) => Some("`plimsoll pin --help` says which files are looked for".to_owned()),
            Self::UnsafeAlone => Some("add `--diff` to see them, or `--fix` to make them".to_owned()),
            Self::FixesStdin => Some("`--diff` shows what it would change".to_owned()),
            Self::NotBase { .. } => Some("name the image that its FROM named, or the number of its layers".to_owned()),
            Self::NotDockerfile { .. } => {
                Some("`plimsoll check FOLDER` judges the images that such a file names, `plimsoll pin` pins them".to_owned())
            }
            Self::NoDockerfile(_) => Some("name the file itself: any name will do then".to_owned()),
            Self::Source(_) => {
                Some("name an image: `oci:DIR`, `docker-archive:FILE`, `dir:ROOT` or a reference".to_owned())
            }
            Self::NotCopied(_) => {
                Some("name an image: a reference, `oci:DIR[:TAG]`, `oci-archive:FILE`, `docker-archive:FILE` or `docker:REF`".to_owned())
            }
            Self::OtherPlatform { .. } => Some("leave out `--platform` to read it as it is".to_owned()),
            Self::SameOutput(_) => Some("give each a place of its own, as in `-o json=FILE`".to_owned()),
            Self::Ledger(error) => error.hint().map(str::to_owned),
            Self::NoLedger(_) => {
                Some("`plimsoll tags watch REPO --once` begins one, and `--ledger` names another".to_owned())
            }
            Self::NoHistory(_) => Some("`plimsoll tags watch` looks at tags and records what they name".to_owned()),
            Self::NoTag { repository, tags, .. } => {
                let some: Vec<String> = tags.iter().take(TAGS).map(|tag| format!("`{repository}:{tag}`")).collect();
                let more = tags.len().saturating_sub(TAGS);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                Some(format!("the ledger knows {}{more}", some.join(", ")))
            }
            Self::OpenDoor(_) => Some("set PLIMSOLL_LISTEN_TOKEN, or listen at 127.0.0.1".to_owned()),
            Self::NoState => {
                Some("set PLIMSOLL_HOME to a folder of your own, or name a ledger with `--ledger`".to_owned())
            }
            Self::NoIndex(_) => Some("`plimsoll db update` makes one from what is published".to_owned()),
            Self::NotRetained(_) => Some("`plimsoll affected` lists what is retained; `plimsoll scan IMAGE` reads and retains one".to_owned()),
            Self::NothingRetained => Some("`plimsoll scan IMAGE` and `plimsoll sbom IMAGE` retain what they read".to_owned()),
            Self::NoQuestion { .. } => Some("write it as CVE-2024-3094, GHSA-…, or pkg:npm/lodash@<4.17.21".to_owned()),
            Self::Claims { .. } => Some("CycloneDX and SPDX 2 in JSON are read".to_owned()),
            Self::OfflineFeed(_) => Some("give a folder or a file that was brought here: `SOURCE=PATH`".to_owned()),
            Self::NoFeed(_) => Some("check the address; for OSV and Alpine it is the folder above all files".to_owned()),
            Self::NoEcosystems(_) => Some("name those that are there with `--ecosystem`".to_owned()),
            Self::IndexDamage(_) | Self::Segment { .. } | Self::IndexSize { .. } | Self::Manifest { .. } => {
                Some("remove the folder of the index, and run `plimsoll db update` again".to_owned())
            }
            Self::Registry(error) => error.hint().map(str::to_owned),
            Self::NoRegistry(_) => {
                Some("write its host as in a reference, such as `ghcr.io` or `localhost:5000`".to_owned())
            }
            Self::NoPassword => Some(
                "give it by `--password-stdin`, such as `plimsoll login -u ann --password-stdin < token`".to_owned(),
            ),
            Self::NoContainer(_) => Some("`plimsoll running` lists those that run, `--all` those that stopped too".to_owned()),
            Self::OneTarget => Some("name one, or add `--docker` or `--format`".to_owned()),
            Self::Template(_) => Some(
                "`plimsoll inspect --docker TARGET` shows all that a template can ask for".to_owned(),
            ),
            Self::Signing(failure) => failure.hint().map(str::to_owned),
            Self::NoHome => Some("set PLIMSOLL_HOME to a folder of your own".to_owned()),
            _ => None,
        }
    }

    /// Tells the user.
    pub(crate) fn tell(&self, printer: &mut Printer) {
        let mut said = self.to_string();
        printer.warn(&format!("{} {}", Tone::Bad.set("error:"), escaped(&said)));
        let mut cause = Error::source(self);
        while let Some(next) = cause {
            let text = next.to_string();
            // Many errors quote their cause; it is said once.
            if !said.contains(&text) {
                printer.warn(&format!("  caused by: {}", escaped(&text)));
                said = text;
            }
            cause = next.source();
        }
        if let Some(hint) = self.hint() {
            printer.warn(&format!("{} {}", Tone::Strong.set("hint:"), escaped(&hint)));
        }
    }
}

fn not_in_image(target: &str, path: &str, what: Option<&str>, unread: bool) -> String {
    let found = what.map_or_else(|| "there is nothing".to_owned(), |what| format!("there is {what}"));
    let unread = if unread { ", as far as its layers could be read" } else { "" };
    format!("`{target}` has no file `{path}`: {found}{unread}")
}

/// For `map_err` on files.
pub(crate) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Failure {
    let path = path.into();
    move |source| Failure::File { what, path, source }
}

/// An error with its causes in one line, each said once.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        if !said.contains(&text) {
            said.push_str(": ");
            said.push_str(&text);
        }
        cause = next.source();
    }
    escaped(&said).into_owned()
}

/// So many of something: `1 layer`, `2 layers`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A number of bytes for people: `1.4 GB`.
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
        let mut value = self.0 as f64;
        let mut unit = 0;
        while value >= 999.5 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        let digits = usize::from(unit > 0 && value < 99.95);
        f.pad(&format!("{value:.digits$} {}", UNITS[unit]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_for_people() {
        let shown: Vec<String> =
            [0, 999, 1000, 45_300_000, 999_600, 1_138_000_000].iter().map(|&n| Bytes(n).to_string()).collect();
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "45.3 MB", "1.0 MB", "1.1 GB"]);
    }
}
