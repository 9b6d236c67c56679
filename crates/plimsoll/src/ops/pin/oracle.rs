//! Who knows what references name: registries, or a list that was given.

use crate::failure::{Failure, file, with_causes};
use crate::ops::open::{forge, registry};
use crate::ops::{About, Access, Agreement, Ask, Resolution, Resolver, Standing, Statement, ever, remember};
use jiff::Timestamp;
use ledger::Ledger;
use model::{Digest, Platform, Reference};
use sources::Action;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use transport::{Forge, NamedRef, Refs, Registry, RegistryError, TransportError, Vantage};

/// What is known of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// The index or manifest it names.
    pub(crate) digest: Digest,
    /// Its image for the platform that was asked for.
    pub(crate) chosen: Option<Digest>,
    /// Whether a tag beside a digest agrees with it.
    pub(crate) agreement: Option<Agreement>,
    /// Whether the ledger saw that the tag named the digest, where it does not now.
    pub(crate) once: bool,
    /// Images that it names and that are not there, or are not what it says.
    pub(crate) broken: Vec<String>,
    /// Images that it names and that nobody could look at.
    pub(crate) unseen: Vec<String>,
    /// The mirror that answered in the registry's place, if one did.
    pub(crate) mirror: Option<String>,
}

/// Why nothing is known of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The registry says that it has no such thing.
    Absent(String),
    /// It could not be asked.
    Failed(String),
}

impl Trouble {
    /// Why, in words.
    pub(crate) fn why(&self) -> &str {
        match self {
            Self::Absent(why) | Self::Failed(why) => why,
        }
    }
}

/// Says what references name.
pub(crate) trait Oracle {
    /// What each names now, in their order; with `prove`, whether all that it names is there.
    fn ask(&self, references: &[Reference], platform: Option<&Platform>, prove: bool) -> Vec<Result<Known, Trouble>>;

    /// All tags of the reference's repository.
    fn tags(&self, reference: &Reference) -> Result<Vec<String>, String>;

    /// The commit that an action's tag or branch names now.
    fn commit(&self, action: &Action) -> Result<String, Trouble>;
}

/// What a git server said of each repository that it was asked for.
type Lists = BTreeMap<String, Result<Option<Refs>, String>>;

/// Registries, or none with `--offline`; what a list knows is not asked for.
pub(crate) struct Registries<'a> {
    online: Option<(Resolver, Registry)>,
    /// Where actions live.
    forge: Option<Forge>,
    lists: RefCell<Lists>,
    list: Digests,
    /// What was seen is written there, and what was seen before is asked from there.
    ledger: Option<&'a Ledger>,
    now: Timestamp,
    trouble: RefCell<Option<String>>,
}

impl<'a> Registries<'a> {
    /// Reaches registries as `access` says, and the git server at `git` for actions.
    pub(crate) fn new(
        access: &Access<'_>,
        git: &str,
        list: Digests,
        ledger: Option<&'a Ledger>,
    ) -> Result<Self, Failure> {
        let (online, forge) = match access.offline {
            true => (None, None),
            false => (Some((Resolver::new(access)?, registry(access)?)), Some(forge(git, access)?)),
        };
        let (now, lists, trouble) = (access.surroundings.now, RefCell::default(), RefCell::default());
        Ok(Self { online, forge, lists, list, ledger, now, trouble })
    }

    /// Why the ledger could not be written or asked, if it could not: everything else was done.
    pub(crate) fn ledger_trouble(&self) -> Option<String> {
        self.trouble.borrow().clone()
    }

    /// Asks registries, and lets the ledger know what they said.
    fn look(&self, resolver: &Resolver, references: &[Reference], ask: &Ask) -> Vec<Result<Known, Trouble>> {
        let answers = resolver.resolve_all(references, ask);
        let seen = self.ledger.map(|ledger| remember(ledger, &answers, self.now));
        if let Some(Err(failure)) = seen {
            self.trouble.replace(Some(with_causes(&failure)));
        }
        answers.into_iter().map(|answer| self.known(answer)).collect()
    }

    fn known(&self, answer: Result<Resolution, Failure>) -> Result<Known, Trouble> {
        let found = answer.map_err(|failure| match &failure {
            Failure::Transport(error) if is_absent(error) => Trouble::Absent(with_causes(&failure)),
            _ => Trouble::Failed(with_causes(&failure)),
        })?;
        let said = self.ledger.map(|ledger| ever(ledger, &found));
        let once = match said {
            Some(Ok(Some(statement))) => statement.standing == Standing::Proved,
            Some(Err(failure)) => {
                self.trouble.replace(Some(with_causes(&failure)));
                false
            }
            Some(Ok(None)) | None => false,
        };
        // What is said of a tag is in `agreement`, and a header that names another type does no harm to a digest.
        let images = |standing: Standing| {
            let wanted = |s: &&Statement| s.about == About::Image && s.standing == standing;
            found.statements.iter().filter(wanted).map(|s| format!("{}: {}", s.what, s.why)).collect()
        };
        Ok(Known {
            digest: found.digest(),
            chosen: found.chosen.as_ref().map(|chosen| chosen.descriptor.digest),
            agreement: found.agreement.clone(),
            once,
            broken: images(Standing::Refuted),
            unseen: images(Standing::NotChecked),
            mirror: match &found.sighting.vantage {
                Vantage::Mirror(host) => Some(host.clone()),
                Vantage::Direct => None,
            },
        })
    }
}

/// Digests that were given: `registry/repository:tag` to a digest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Digests(BTreeMap<(String, String), Digest>);

impl Digests {
    /// Reads lines of `name:tag@digest`; empty lines and those that begin with `#` are passed over.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(file("read", path))?;
        let mut all = BTreeMap::new();
        for (line, text) in lines(&text) {
            let wrong = |why: String| Failure::List { path: path.to_owned(), line, why };
            let reference: Reference = text.parse().map_err(|e: model::ReferenceError| wrong(e.to_string()))?;
            let digest = *reference.digest().ok_or_else(|| wrong(format!("`{text}` has no digest")))?;
            let key = (reference.name(), reference.tag().unwrap_or("latest").to_owned());
            if all.insert(key, digest).is_some_and(|known| known != digest) {
                return Err(wrong(format!("`{text}` stands above with another digest")));
            }
        }
        Ok(Self(all))
    }

    fn known(&self, reference: &Reference) -> Option<Known> {
        let key = (reference.name(), reference.tag().unwrap_or("latest").to_owned());
        let digest = *self.0.get(&key).filter(|_| reference.digest().is_none())?;
        Some(Known {
            digest,
            chosen: None,
            agreement: None,
            once: false,
            broken: Vec::new(),
            unseen: Vec::new(),
            mirror: None,
        })
    }
}

/// The lines of a list that say something, with their numbers.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

impl Oracle for Registries<'_> {
    fn ask(&self, references: &[Reference], platform: Option<&Platform>, prove: bool) -> Vec<Result<Known, Trouble>> {
        let listed: Vec<Option<Known>> =
            references.iter().map(|r| self.list.known(r).filter(|_| platform.is_none() && !prove)).collect();
        let open: Vec<Reference> =
            references.iter().zip(&listed).filter(|(_, known)| known.is_none()).map(|(r, _)| r.clone()).collect();
        let mut answers = match &self.online {
            Some((resolver, _)) => {
                let ask = Ask { platform: platform.cloned(), prove };
                self.look(resolver, &open, &ask)
            }
            None => open.iter().map(|_| Err(Trouble::Failed(OFFLINE.to_owned()))).collect::<Vec<_>>(),
        }
        .into_iter();
        let answered = listed.into_iter().map(|known| match known {
            Some(known) => Ok(known),
            None => answers.next().unwrap_or_else(|| Err(Trouble::Failed("there was no answer".to_owned()))),
        });
        answered.collect()
    }

    fn tags(&self, reference: &Reference) -> Result<Vec<String>, String> {
        let (_, client) = self.online.as_ref().ok_or_else(|| OFFLINE.to_owned())?;
        client.tags(reference).map(|tags| tags.names).map_err(|error| with_causes(&error))
    }

    /// A repository is asked once, for all that it names.
    fn commit(&self, action: &Action) -> Result<String, Trouble> {
        let Action { repository, version } = action;
        let forge = self.forge.as_ref().ok_or_else(|| Trouble::Failed(super::NO_COMMIT.to_owned()))?;
        let mut lists = self.lists.borrow_mut();
        let list = lists
            .entry(repository.to_lowercase())
            .or_insert_with(|| forge.refs(repository).map_err(|error| with_causes(&error)));
        match list.as_ref().map_err(|why| Trouble::Failed(why.clone()))? {
            None => Err(Trouble::Absent(format!(
                "the git server shows nobody a repository `{repository}`: if it is private, give its commit (`--actions FILE`)"
            ))),
            Some(refs) => match refs.named(version) {
                NamedRef::Commit(commit) => Ok(commit),
                NamedRef::Nothing => {
                    Err(Trouble::Absent(format!("`{repository}` has neither a tag nor a branch `{version}`")))
                }
                NamedRef::Both { tag, branch } => Err(Trouble::Failed(format!(
                    "`{version}` is a tag of `{repository}` ({tag}) and a branch ({branch}): which one is meant is yours to say (`--actions FILE`)"
                ))),
            },
        }
    }
}

const OFFLINE: &str = "it is in a registry, `--offline` was asked for, and no list names it";

fn is_absent(error: &TransportError) -> bool {
    matches!(error, TransportError::Registry { source, .. } if matches!(**source, RegistryError::NotFound { .. }))
}
