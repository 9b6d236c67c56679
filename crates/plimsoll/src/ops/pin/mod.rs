//! `pin`: every reference of every text asked once, and the answers put where they belong.
//!
//! One file that cannot be read and one registry that does not answer keep no other from being done; each is told.

mod check;
mod oracle;
mod update;
mod version;
mod walk;
pub(super) mod write;

#[cfg(test)]
mod tests;

pub(crate) use oracle::{Digests, Known, Oracle, Registries, Trouble, lines};
pub(crate) use version::Allow;
pub(crate) use walk::{Source, Sources, Unread, gather};

use crate::interrupt;
use model::{Digest, Platform, Reference};
use sources::{Action, Edit, Kind, Lines, Mention, Position};
use std::borrow::Cow;
use std::collections::BTreeMap;
use write::Draft;

/// What is to be done.
pub(crate) struct Job<'a> {
    pub(crate) mode: Mode,
    /// Write only to memory.
    pub(crate) dry: bool,
    /// Pin the image of this platform and not the index.
    pub(crate) platform: Option<Platform>,
    /// The platform that is used where no text states one.
    pub(crate) in_use: Platform,
    /// Registries are not to be asked.
    pub(crate) offline: bool,
    pub(crate) oracle: &'a dyn Oracle,
    /// Commits of actions.
    pub(crate) commits: BTreeMap<Action, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Put digests where there are none.
    Pin,
    /// Change nothing; say what is not pinned or no longer there.
    Check,
    /// Bring what is pinned to what its tag names now, or to a newer version.
    Update(Option<Allow>),
}

/// What was done.
pub(crate) struct Report {
    pub(crate) files: Vec<PinnedFile>,
    pub(crate) unread: Vec<Unread>,
}

/// One text and what was done to it.
pub(crate) struct PinnedFile {
    pub(crate) path: String,
    pub(crate) kind: Kind,
    pub(crate) before: String,
    /// The text with its edits, if there are any.
    pub(crate) after: Option<String>,
    pub(crate) places: Vec<Place>,
    /// Why the edits were not made.
    pub(crate) trouble: Option<String>,
}

/// One mention and what became of it.
pub(crate) struct Place {
    pub(crate) mention: Mention,
    pub(crate) position: Position,
    pub(crate) fate: Fate,
    /// The mirror that was believed about it.
    pub(crate) mirror: Option<String>,
}

/// What became of a mention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is pinned to this now: a digest, or an action's commit.
    Pinned(String),
    /// It was moved to another tag and its digest.
    Updated { tag: String, digest: Digest },
    /// It has a digest, and nothing speaks against it.
    Kept,
    /// It has a digest; the tag beside it says something else now.
    Moved(String),
    /// It is pinned to the image of one platform, and the tag names an index of several.
    Narrow(String),
    /// Whether it has a digest, or whether that is what it claims to be, could not be found out.
    Unsure(String),
    /// There is nothing to pin, or no place for a digest.
    Left(String),
    /// It is not pinned, and has to be.
    Unpinned,
    /// It is pinned to something that is not there, or not whole.
    Broken(String),
    /// Nobody could say what it names.
    Failed(String),
}

impl Job<'_> {
    /// What to pin: the index, so that every platform is served, unless one platform was asked for.
    fn digest(&self, known: &Known) -> Digest {
        known.chosen.filter(|_| self.platform.is_some()).unwrap_or(known.digest)
    }
}

impl Report {
    /// 2 where something could not be read or asked, else 1 where a check found something, else 3 where it could not
    /// find out something, else 0.
    pub(crate) fn exit_code(&self) -> u8 {
        let fates = || self.files.iter().flat_map(|f| &f.places).map(|p| &p.fate);
        let failed = !self.unread.is_empty()
            || self.files.iter().any(|f| f.trouble.is_some())
            || fates().any(|f| matches!(f, Fate::Failed(_)));
        let wrong = fates().any(|f| matches!(f, Fate::Unpinned | Fate::Broken(_)));
        let unsure = fates().any(|f| matches!(f, Fate::Unsure(_)));
        match (failed, wrong, unsure) {
            (true, ..) => 2,
            (false, true, _) => 1,
            (false, false, true) => 3,
            (false, false, false) => 0,
        }
    }
}

/// Does the job over texts that were read.
pub(crate) fn pin(sources: Sources, job: &Job<'_>) -> Report {
    let texts = &sources.texts;
    let fates: Vec<Vec<Decision>> = match job.mode {
        Mode::Pin => first_pins(texts, job),
        Mode::Check => check::fates(texts, job),
        Mode::Update(allow) => update::fates(texts, job, allow),
    };
    let drafts = || -> Vec<PinnedFile> {
        let texts = sources.texts.into_iter().zip(fates);
        let edited: Vec<_> = texts.map(|(source, decisions)| finish(source, decisions, job)).collect();
        edited.into_iter().map(put).collect()
    };
    // Ctrl-C waits until no draft lies beside its file.
    let files = interrupt::whole(drafts);
    Report { files, unread: sources.unread }
}

/// A fate, and the edits that bring it about.
struct Decision {
    fate: Fate,
    edits: Vec<Edit>,
    mirror: Option<String>,
}

impl Decision {
    fn without_edit(fate: Fate) -> Self {
        Self { fate, edits: Vec::new(), mirror: None }
    }

    /// With whoever said so.
    fn said_by(self, known: &Known) -> Self {
        Self { mirror: known.mirror.clone(), ..self }
    }

    /// Pins a mention to a digest.
    fn pinned(mention: &Mention, digest: &Digest) -> Self {
        match mention.pin(digest) {
            Some(edit) => Self { fate: Fate::Pinned(digest.to_string()), edits: vec![edit], mirror: None },
            None => Self::without_edit(Fate::Left("there is no place for a digest".to_owned())),
        }
    }
}

/// The text with its edits, written beside the file.
fn finish(source: Source, decisions: Vec<Decision>, job: &Job<'_>) -> (PinnedFile, Option<Draft>) {
    let edits: Vec<Edit> = decisions.iter().flat_map(|d| d.edits.iter().cloned()).collect();
    let (mut after, mut trouble, mut draft) = (None, None, None);
    if !edits.is_empty() {
        let edited = match &source.parsed {
            Some(parsed) => source.grammar.edit_parsed(&source.text, parsed, &edits),
            None => source.grammar.edit(&source.text, &edits),
        };
        let edited = edited.map_err(|e| e.to_string());
        let written = edited.and_then(|text| {
            if !job.dry {
                draft = Some(Draft::new(&source.file, &text)?);
            }
            Ok(text)
        });
        match written {
            Ok(text) => after = Some(text),
            Err(why) => trouble = Some(why),
        }
    }
    let lines = Lines::new(&source.text);
    let places = source.mentions.into_iter().zip(decisions).map(|(mention, decision)| {
        let position = lines.position(mention.span.start, &source.text);
        Place { position, fate: decision.fate, mirror: decision.mirror, mention }
    });
    let file = PinnedFile {
        kind: source.grammar.kind(),
        places: places.collect(),
        path: source.path,
        before: source.text,
        after,
        trouble,
    };
    (file, draft)
}

/// Puts the draft in the file's place.
fn put((mut file, draft): (PinnedFile, Option<Draft>)) -> PinnedFile {
    if let Some(Err(why)) = draft.map(|draft| draft.put(&file.before)) {
        (file.after, file.trouble) = (None, Some(why));
    }
    file
}

/// Digests for what has none.
fn first_pins(texts: &[Source], job: &Job<'_>) -> Vec<Vec<Decision>> {
    let mut questions = Questions::default();
    let unpinned = |m: &Mention| m.can_be_pinned() && m.reference().is_some_and(|r| r.digest().is_none());
    for mention in texts.iter().flat_map(|t| &t.mentions).filter(|m| unpinned(m)) {
        mention.reference().map(tagged).into_iter().for_each(|reference| questions.add(&reference));
    }
    let answers = questions.ask(job.oracle, job.platform.as_ref(), false);
    let decide = |mention: &Mention| {
        if let Some(left) = left_alone(mention) {
            return Decision::without_edit(left);
        }
        let Some(reference) = mention.reference() else { return action(mention, job) };
        if reference.digest().is_some() {
            return Decision::without_edit(Fate::Kept);
        }
        match answers.get(&tagged(reference)) {
            Ok(known) => Decision::pinned(mention, &job.digest(known)).said_by(known),
            Err(trouble) => Decision::without_edit(Fate::Failed(trouble.why().to_owned())),
        }
    };
    texts.iter().map(|text| text.mentions.iter().map(decide).collect()).collect()
}

/// Why a mention is not looked at further, if it is not.
fn left_alone(mention: &Mention) -> Option<Fate> {
    mention.obstacle.as_ref().map(|why| Fate::Left(why.to_string()))
}

/// The commit of an action, if it is at hand.
fn action(mention: &Mention, job: &Job<'_>) -> Decision {
    let Some(action) = mention.action() else {
        return Decision::without_edit(Fate::Left("it names nothing that is known".to_owned()));
    };
    if is_commit(&action.version) {
        return Decision::without_edit(Fate::Kept);
    }
    let commit = match job.commits.get(action) {
        Some(commit) => Ok(commit.clone()),
        // What is not asked for is no failure.
        None if job.offline => return Decision::without_edit(Fate::Left(NO_COMMIT.to_owned())),
        None => job.oracle.commit(action),
    };
    match commit {
        Err(trouble) => Decision::without_edit(Fate::Failed(trouble.why().to_owned())),
        Ok(commit) => match mention.pin_commit(&commit) {
            Some(edit) => Decision { fate: Fate::Pinned(commit), edits: vec![edit], mirror: None },
            None => Decision::without_edit(Fate::Left("there is no place for a commit".to_owned())),
        },
    }
}

/// Why an action stays as it is where nobody may be asked.
const NO_COMMIT: &str =
    "an action, pinned by a commit: none is given for it (`--actions FILE`), and `--offline` was asked for";

/// Whether a version is a whole commit: only that cannot be moved.
pub(crate) fn is_commit(version: &str) -> bool {
    version.len() == 40 && version.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `registry/repository:tag` of a reference, its digest left out.
fn tagged(reference: &Reference) -> Cow<'_, Reference> {
    if is_whole(reference) {
        return Cow::Borrowed(reference);
    }
    Cow::Owned(with(reference, &format!(":{}", reference.tag().unwrap_or("latest"))))
}

/// Whether it is typed as `registry/repository:tag`, nothing left to defaults.
fn is_whole(reference: &Reference) -> bool {
    let typed = reference.as_typed().strip_prefix(reference.registry()).and_then(|rest| rest.strip_prefix('/'));
    let tag = typed.and_then(|rest| rest.strip_prefix(reference.repository())).and_then(|rest| rest.strip_prefix(':'));
    tag.is_some() && tag == reference.tag() && reference.digest().is_none()
}

/// The reference's repository with another ending.
fn with(reference: &Reference, ending: &str) -> Reference {
    let text = format!("{}{ending}", reference.name());
    text.parse().unwrap_or_else(|_| reference.clone())
}

/// References, each once.
#[derive(Default)]
struct Questions(BTreeMap<String, Reference>);

/// What was answered to each.
struct Answers(BTreeMap<String, Result<Known, Trouble>>);

impl Questions {
    fn add(&mut self, reference: &Reference) {
        if !self.0.contains_key(reference.as_typed()) {
            self.0.insert(reference.as_typed().to_owned(), reference.clone());
        }
    }

    fn ask(self, oracle: &dyn Oracle, platform: Option<&Platform>, prove: bool) -> Answers {
        let (keys, references): (Vec<String>, Vec<Reference>) = self.0.into_iter().unzip();
        Answers(keys.into_iter().zip(oracle.ask(&references, platform, prove)).collect())
    }
}

impl Answers {
    fn get(&self, reference: &Reference) -> Result<&Known, Trouble> {
        match self.0.get(reference.as_typed()) {
            Some(Ok(known)) => Ok(known),
            Some(Err(trouble)) => Err(trouble.clone()),
            None => Err(Trouble::Failed("it was not asked for".to_owned())),
        }
    }
}
