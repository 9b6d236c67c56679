//! Everything a practice may look at: borrowed, complete, dated.

use crate::dockerfile::DockerfileEvidence;
use crate::eol::EolTable;
use crate::history;
use crate::past::Past;
use crate::policy::ScanningPolicy;
use crate::scanning::baseline::Baseline;
use crate::scanning::decisions::Decided;
use crate::waste::Budget;
use advisories::scan::Scan;
use facts::image::ImageFacts;
use jiff::civil::Date;
use model::oci::{ImageConfig, Index, Manifest};
use model::{Digest, Reference, Subject, Unknown, UnknownKind};
use sources::{Kind, Mention};

/// What is known of one target on one day. Every field must be filled in: what is not there is `None`, and the rules
/// that need it say so instead of passing.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The target as the user wrote it.
    pub target: &'a str,
    /// The reference it was asked for by; `None` for layouts, archives and root filesystems.
    pub reference: Option<&'a Reference>,
    /// What the target turned out to be.
    pub subject: Option<Subject>,
    /// The index that led to it.
    pub index: Option<&'a Index>,
    /// Its manifest; `None` for Docker's classic formats and for a root filesystem.
    pub manifest: Option<&'a Manifest>,
    /// Its config; `None` for a root filesystem.
    pub config: Option<&'a ImageConfig>,
    /// What its layers hold; `None` if they were not read.
    pub facts: Option<&'a ImageFacts>,
    /// What the index of advisories says of its packages; `None` if there is no index.
    pub scan: Option<&'a Scan>,
    /// What was decided about what the scan found; `None` if nobody decided anything.
    pub decided: Option<&'a Decided>,
    /// What was known before, from which new findings are told apart; `None` where nobody asked.
    pub baseline: Option<&'a Baseline>,
    /// The Dockerfile that it is built from, or that is looked at alone; its rules stay out of it where there is none.
    pub dockerfile: Option<&'a DockerfileEvidence<'a>>,
    /// What could not be read besides the unknowns in `facts`, such as those of the transport.
    pub unknowns: &'a [Unknown],
    /// What its tag was seen to name before; `None` if nobody looked.
    pub past: Option<&'a Past>,
    /// The texts of a source tree; `None` for an image.
    pub texts: Option<&'a [SourceText<'a>]>,
    /// The most waste that layers may have; `None` if nobody set it.
    pub max_waste: Option<Budget>,
    /// What is asked of vulnerabilities beyond levels.
    pub scanning: &'a ScanningPolicy,
    /// When releases end.
    pub eol: &'a EolTable,
    /// The day to judge by.
    pub today: Date,
}

/// One text of a source tree, and the images it names.
#[derive(Clone, Copy, Debug)]
pub struct SourceText<'a> {
    /// The path as the user would write it.
    pub path: &'a str,
    /// What kind of text it is.
    pub kind: Kind,
    /// The text.
    pub text: &'a str,
    /// The `.dockerignore` beside a Dockerfile, if there is one.
    pub dockerignore: Option<&'a str>,
    /// What it names, in its order.
    pub mentions: &'a [Mention],
}

/// Why a rule could not look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Missing {
    /// A layout, an archive or a folder: nobody asked for it by a tag.
    #[error("the target is not asked for by a reference, so there is no tag to judge")]
    Reference,
    /// The ledger has nothing of this tag.
    #[error("the ledger knows nothing of what the tag named before: `plimsoll tags watch` records it")]
    Past,
    /// A folder of source texts.
    #[error("no image was given, only texts")]
    Image,
    /// The rule is about another sort of target, and its practice has others for this one. Not a gap.
    #[error("the rule is about another sort of target")]
    Inapplicable,
    /// A root filesystem.
    #[error("the target has no image config")]
    Config,
    /// No Dockerfile was given.
    #[error("no Dockerfile was given")]
    Dockerfile,
    /// The layers were not read.
    #[error("the layers were not read")]
    Facts,
    /// Nobody made an index of advisories.
    #[error("there is no index of advisories (`plimsoll db update` makes one)")]
    Index,
    /// A part of the layers could not be read, so that nothing can be said of what is *not* there.
    #[error("a part of the image could not be read, so nothing can be said of what is not in it")]
    Unread,
}

impl<'a> Evidence<'a> {
    pub(crate) fn needs_reference(&self) -> Result<&'a Reference, Missing> {
        self.image(self.reference, Missing::Reference)
    }

    /// The texts of a source tree; rules about them say nothing of an image.
    pub(crate) fn needs_texts(&self) -> Result<&'a [SourceText<'a>], Missing> {
        self.texts.ok_or(Missing::Inapplicable)
    }

    fn image<T>(&self, part: Option<T>, missing: Missing) -> Result<T, Missing> {
        let texts = self.texts.is_some();
        part.ok_or(match missing {
            Missing::Reference if texts => Missing::Inapplicable,
            _ if texts => Missing::Image,
            missing => missing,
        })
    }

    /// What the tag named before, if the tag decides what runs.
    pub(crate) fn needs_past(&self) -> Result<Option<&'a Past>, Missing> {
        if self.needs_reference()?.digest().is_some() {
            return Ok(None);
        }
        self.past.map(Some).ok_or(Missing::Past)
    }

    pub(crate) fn needs_config(&self) -> Result<&'a ImageConfig, Missing> {
        self.image(self.config, Missing::Config)
    }

    pub(crate) fn needs_facts(&self) -> Result<&'a ImageFacts, Missing> {
        self.image(self.facts, Missing::Facts)
    }

    pub(crate) fn needs_scan(&self) -> Result<&'a Scan, Missing> {
        self.needs_facts()?;
        self.scan.ok_or(Missing::Index)
    }

    /// The facts, for a claim about what is *not* in the image: they must be complete.
    pub(crate) fn needs_whole_facts(&self) -> Result<&'a ImageFacts, Missing> {
        let facts = self.needs_facts()?;
        if facts.is_blocked() || self.unknowns.iter().any(|u| u.kind.blocks()) {
            return Err(Missing::Unread);
        }
        Ok(facts)
    }

    /// What a deployment should name: the index's digest, so that every platform is served, else the manifest's.
    pub(crate) fn deployable_digest(&self) -> Option<Digest> {
        let manifest = match self.subject {
            Some(Subject::Manifest(digest)) => Some(digest),
            _ => None,
        };
        self.index.map(Index::digest).or(manifest)
    }

    /// The diffID of the layer with this number, lowest first from 0.
    pub(crate) fn layer(&self, number: u32) -> Option<Digest> {
        self.facts?.layers.get(number as usize).map(|l| l.diff_id)
    }

    /// A layer for a reader: ``layer 3 of 7 (`RUN make`)``.
    pub(crate) fn layer_words(&self, number: u32) -> String {
        let count = self.facts.map_or(0, |f| f.layers.len());
        let instruction = self.config.and_then(|c| history::instruction(c, count, number));
        let which = format!("layer {} of {count}", u64::from(number) + 1);
        instruction.map_or(which.clone(), |text| format!("{which} (`{text}`)"))
    }

    /// All that could not be read, sorted, each once.
    pub(crate) fn all_unknowns(&self) -> Vec<Unknown> {
        let facts = self.facts.map_or(&[][..], |f| &f.unknowns);
        let scan = self.scan.map_or(&[][..], |s| &s.unknowns);
        let mut all: Vec<Unknown> = facts.iter().chain(self.unknowns).chain(scan).cloned().collect();
        // Nothing is wrong with an image that holds nothing; but that nothing was found in it must not sound like praise.
        let is_empty =
            self.facts.is_some_and(|f| f.packages.is_empty() && f.layers.iter().all(|layer| layer.entries == 0));
        if is_empty && !all.iter().any(|u| u.kind.blocks()) {
            all.push(Unknown::new(
                UnknownKind::Unreadable,
                "the image holds not one file, so there is nothing to judge",
            ));
        }
        all.sort();
        all.dedup();
        all
    }
}
