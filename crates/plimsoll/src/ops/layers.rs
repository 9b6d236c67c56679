//! An image taken apart: what each layer brings and takes away, what is there in vain, who can change it, and how.

use super::open::{Access, open};
use super::pin::write::Draft;
use super::provenance::provenance;
use super::read::{Asked, Detail, Reading, read_in_full};
use crate::failure::{Failure, file, with_causes};
use facts::dive::{Dive, dive};
use ledger::cache::Cache;
use model::{Digest, Verdict};
use practices::DockerfileEvidence;
use practices::waste::{Advice, Budget, DiveOutcome, DiveRules, Known, Lines, Scene, Totals, advise, edits};
use sources::apply;
use sources::dockerfile::{Dockerfile, LARGEST};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What is asked about an image's layers.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    /// The image.
    pub(crate) target: &'a str,
    /// The Dockerfile that it was built from, if one was given.
    pub(crate) dockerfile: Option<&'a Path>,
    /// The stage that was built, unless it is the last.
    pub(crate) stage: Option<&'a str>,
    /// Which layers are the base's, if somebody said.
    pub(crate) base: Option<&'a str>,
    /// The most waste that is allowed.
    pub(crate) budget: Option<Budget>,
    /// dive's thresholds.
    pub(crate) dive_rules: Option<DiveRules>,
}

/// An image taken apart.
pub(crate) struct Anatomy {
    pub(crate) reading: Reading,
    pub(crate) detail: Detail,
    pub(crate) lines: Lines,
    pub(crate) base: Base,
    pub(crate) advice: Vec<Advice>,
    pub(crate) totals: Totals,
    pub(crate) budget: Option<Budget>,
    pub(crate) dive: Dive,
    /// dive's thresholds that were asked for.
    pub(crate) outcomes: Vec<DiveOutcome>,
    /// The Dockerfile that the lines are of, if it was given as a file.
    pub(crate) source: Option<Source>,
    /// Why the image's provenance was not used, though there is one.
    pub(crate) note: Option<String>,
}

/// How many of the layers are the base's, and who says so.
pub(crate) struct Base {
    pub(crate) layers: usize,
    /// `None`: nobody does, and no layer is set apart.
    pub(crate) known_by: Option<String>,
}

/// A Dockerfile with its safe edits made.
pub(crate) struct Source {
    /// As the user named it.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) before: String,
    /// The same as `before` if nothing can surely be mended.
    pub(crate) after: String,
    /// Which pieces of advice the edits carry out.
    pub(crate) mended: Vec<usize>,
}

/// Reads an image and takes it apart.
pub(crate) fn layers(
    question: &Question<'_>,
    access: &Access<'_>,
    cache: Option<&Cache>,
    asked: Asked,
) -> Result<Anatomy, Failure> {
    // What may be mistyped is read before anything is fetched.
    let dockerfile = question.dockerfile.map(|path| text_of(path).map(|file| (path, file))).transpose()?;
    let stated = question.base.map(|base| stated_base(base, access)).transpose()?;
    let image = open(question.target, access)?;
    let stated = stated.map(|base| base.on(&image, question)).transpose()?;
    let (map, note) = match provenance(&image) {
        Ok(map) => (map, None),
        Err(error) => (None, Some(with_causes(&error))),
    };
    let blobs: Vec<Option<Digest>> = image.layers.iter().map(|l| l.blob.as_ref().map(|b| b.digest)).collect();
    let (reading, detail) = read_in_full(image, cache, asked);
    let read = Read { reading, detail, stated, note };
    let config = read.reading.image.config.as_ref();
    // The builder's own map is of its own copy of the file; one that was given is mended only if it is the same.
    let copy = map.as_ref().and_then(|map| Some((map, Dockerfile::read(&map.text).ok()?)));
    let usable = copy.filter(|(_, copy)| dockerfile.as_ref().is_none_or(|(_, given)| given.text() == copy.text()));
    if let Some((map, copy)) = &usable {
        let name = dockerfile.as_ref().map_or(map.name.clone(), |(path, _)| path.display().to_string());
        let evidence = DockerfileEvidence::new(&name, copy);
        let ranges: Vec<_> = blobs.iter().map(|blob| map.lines.get(blob.as_ref()?).copied()).collect();
        let lines = Lines::of_provenance(config, &ranges, &evidence);
        if lines.known == Known::Provenance {
            return Ok(put_together(
                question,
                read,
                lines,
                Some((dockerfile.as_ref().map(|(path, _)| *path), &evidence)),
            ));
        }
    }
    let count = read.reading.facts.layers.len();
    let Some((path, file)) = dockerfile else {
        let lines = Lines::of_history(config, count);
        return Ok(put_together(question, read, lines, None));
    };
    let shown = path.display().to_string();
    let evidence = DockerfileEvidence::new(&shown, &file);
    let lines = Lines::of_dockerfile(config, count, &evidence, question.stage);
    Ok(put_together(question, read, lines, Some((Some(path), &evidence))))
}

/// An image that was read.
struct Read {
    reading: Reading,
    detail: Detail,
    stated: Option<Base>,
    note: Option<String>,
}

/// `dockerfile` is what the lines are of, with its path where it was given as a file.
fn put_together(
    question: &Question<'_>,
    read: Read,
    lines: Lines,
    dockerfile: Option<(Option<&Path>, &DockerfileEvidence<'_>)>,
) -> Anatomy {
    let Read { reading, detail, stated, note } = read;
    let base = stated.unwrap_or_else(|| Base {
        layers: lines.base.unwrap_or(0),
        known_by: lines.base.map(|_| match lines.known {
            Known::Provenance => "its provenance".to_owned(),
            _ => "the Dockerfile".to_owned(),
        }),
    });
    let (facts, layers, wasted) = (&reading.facts, &detail.layers, &detail.wasted);
    let file = dockerfile.map(|(_, evidence)| evidence);
    let advice = advise(&Scene { facts, layers, wasted, lines: &lines, file, base: base.layers });
    let (totals, dive) = (Totals::of(facts, base.layers), dive(layers));
    let source = dockerfile.and_then(|(path, evidence)| Some(mended(path?, evidence.file, &advice)));
    let (budget, outcomes) = (question.budget, question.dive_rules.map(|rules| rules.judge(&dive)).unwrap_or_default());
    Anatomy { reading, detail, lines, base, advice, totals, budget, dive, outcomes, source, note }
}

fn mended(path: &Path, file: &Dockerfile, advice: &[Advice]) -> Source {
    let (changes, mended) = edits(file, advice);
    let before = file.text().to_owned();
    // They were put together once already, to be read again.
    let after = apply(&before, &changes).unwrap_or_else(|_| before.clone());
    Source { name: path.display().to_string(), path: path.to_owned(), before, after, mended }
}

impl Source {
    /// Writes the mended text in the file's place.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        let failed = |why: String| file("write", &self.path)(std::io::Error::other(why));
        Draft::new(&self.path, &self.after).and_then(|draft| draft.put(&self.before)).map_err(failed)
    }
}

impl Anatomy {
    /// Whether something could not be read that may hide more.
    pub(crate) fn is_blocked(&self) -> bool {
        self.reading.facts.is_blocked() || self.reading.unknowns.iter().any(|u| u.kind.blocks())
    }

    /// What the numbers mean for whoever asked.
    pub(crate) fn verdict(&self) -> Verdict {
        match self.exceeds() || self.outcomes.iter().any(|outcome| !outcome.passed) {
            true => Verdict::Fail,
            false if self.is_blocked() => Verdict::Inconclusive,
            false => Verdict::Pass,
        }
    }

    /// Whether there is more waste than is allowed.
    pub(crate) fn exceeds(&self) -> bool {
        self.budget.is_some_and(|budget| budget.is_exceeded(&self.totals))
    }
}

/// dive's thresholds in a file.
pub(crate) fn dive_rules(path: &Path) -> Result<DiveRules, Failure> {
    let text = std::fs::read_to_string(path).map_err(file("read", path))?;
    let wrong = |line, why| Failure::Thresholds { path: path.to_owned(), line, why };
    let settings = sources::settings(&text, "rules").map_err(|error| wrong(1, error.to_string()))?;
    DiveRules::of(&settings).map_err(|error| wrong(error.line, error.why))
}

fn text_of(path: &Path) -> Result<Dockerfile, Failure> {
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(file("read", path))?;
    opened.take(LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(file("read", path))?;
    Dockerfile::read(&bytes).map_err(|refusal| Failure::Dockerfile { path: path.to_owned(), refusal })
}

/// What the user says of the base.
enum Stated {
    Count(usize),
    Image(Vec<Digest>),
}

/// A number of layers, or an image whose layers they are.
fn stated_base(text: &str, access: &Access<'_>) -> Result<Stated, Failure> {
    if let Ok(count) = text.parse::<usize>() {
        return Ok(Stated::Count(count));
    }
    let layers = open(text, access)?.layers;
    // A layer without a stated digest is like no other.
    let known: Vec<Digest> = layers.iter().map_while(|layer| layer.diff_id).collect();
    if known.len() < layers.len() {
        return Err(Failure::NotBase { base: text.to_owned(), why: "it does not state its layers".to_owned() });
    }
    Ok(Stated::Image(known))
}

impl Stated {
    fn on(self, image: &transport::Image, question: &Question<'_>) -> Result<Base, Failure> {
        let base = question.base.unwrap_or_default().to_owned();
        let known_by = Some(format!("`--base {base}`"));
        match self {
            Self::Count(layers) if layers <= image.layers.len() => Ok(Base { layers, known_by }),
            Self::Count(_) => {
                let why = format!("`{}` has {} layers", question.target, image.layers.len());
                Err(Failure::NotBase { base, why })
            }
            Self::Image(ids) => {
                let fits = ids.iter().zip(&image.layers).take_while(|(id, layer)| layer.diff_id == Some(**id)).count();
                if fits == ids.len() && !ids.is_empty() {
                    return Ok(Base { layers: fits, known_by });
                }
                let why = format!(
                    "its layer {} of {} is not that of `{}`: perhaps another release or platform of it is",
                    fits + 1,
                    ids.len(),
                    question.target
                );
                Err(Failure::NotBase { base, why })
            }
        }
    }
}
