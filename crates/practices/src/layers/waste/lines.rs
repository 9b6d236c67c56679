//! Which instruction made which layer.
//!
//! A builder writes one entry into the history for each instruction of the stages that make the image, in order; the
//! base's entries come before them. So instructions and entries are aligned from their ends, as the longest sequence
//! of pairs that agree: a RUN by its whole command, whatever shell and build arguments stand before it; COPY and ADD
//! by their keyword and, if the builder kept it, their target; all else by the keyword.

use crate::dockerfile::DockerfileEvidence;
use crate::history::{self, MOST_STEPS};
use model::TextPlace;
use model::oci::{History, ImageConfig};
use sources::dockerfile::{Body, Form, Instruction, Keyword};

/// The largest table of pairs that is filled.
const MOST_PAIRS: usize = 4 << 20;

/// How it is known which instruction made a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// By the provenance that BuildKit attached to the image (`mode=max`).
    Provenance,
    /// By the Dockerfile that was given, whose instructions are those of the image's history.
    Dockerfile,
    /// By the image's history alone: the instruction, without its line.
    History,
    /// Nothing tells.
    Nothing,
}

impl Known {
    /// One word for documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Provenance => "provenance",
            Self::Dockerfile => "dockerfile",
            Self::History => "history",
            Self::Nothing => "nothing",
        }
    }
}

/// What made one layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blame {
    /// The instruction on one line, secrets masked; `None` if nothing tells.
    pub text: Option<String>,
    /// Its place in the Dockerfile.
    pub place: Option<TextPlace>,
    /// Its number among the Dockerfile's instructions, from 0.
    pub instruction: Option<usize>,
}

impl Blame {
    /// Says which instruction it was, in the Dockerfile's own words. A heredoc's text is in the history alone.
    fn name(&mut self, index: usize, instruction: &Instruction, file: &DockerfileEvidence<'_>) {
        (self.instruction, self.place) = (Some(index), Some(file.place(instruction.span)));
        if instruction.heredocs.is_empty() || self.text.as_deref().is_none_or(|text| !text.contains(' ')) {
            self.text = Some(history::shown(instruction.line.text()));
        }
    }
}

/// What made each layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// How it is known.
    pub known: Known,
    /// One a layer, lowest first.
    pub layers: Vec<Blame>,
    /// How many of the layers are the base's, where the instructions show it.
    pub base: Option<usize>,
    /// Why the Dockerfile does not fit the image, if it does not.
    pub misfit: Option<String>,
}

impl Lines {
    /// What the history says of `count` layers.
    pub fn of_history(config: Option<&ImageConfig>, count: usize) -> Self {
        let text = |number| config.and_then(|config| history::instruction(config, count, number as u32));
        let layers: Vec<Blame> = (0..count).map(|n| Blame { text: text(n), ..Blame::default() }).collect();
        let known = if layers.iter().any(|l| l.text.is_some()) { Known::History } else { Known::Nothing };
        Self { known, layers, base: None, misfit: None }
    }

    /// The instructions of a Dockerfile, held against the history. `target` is the stage that was built, the last
    /// unless it is given. Where the two do not fit, that is said, and only what fits has a line.
    pub fn of_dockerfile(
        config: Option<&ImageConfig>,
        count: usize,
        file: &DockerfileEvidence<'_>,
        target: Option<&str>,
    ) -> Self {
        let mut lines = Self::of_history(config, count);
        let steps = match (config, stage(file, target)) {
            (_, Err(why)) => return Self { misfit: Some(why), ..lines },
            (None, _) => return Self { misfit: Some("the image has no history".to_owned()), ..lines },
            (Some(config), Ok(number)) => (&config.history, instructions(file, number), number),
        };
        let (history, instructions, number) = steps;
        if lines.known == Known::Nothing {
            return Self { misfit: Some("the image's history has not one entry for each layer".to_owned()), ..lines };
        }
        let Some(pairs) = aligned(history, &instructions, file) else {
            return Self { misfit: Some("the history is too long to be held against a file".to_owned()), ..lines };
        };
        let layer_of = layer_numbers(history);
        for &(entry, at) in &pairs {
            if let Some(blame) = layer_of[entry].and_then(|layer| lines.layers.get_mut(layer)) {
                let (index, instruction) = instructions[at];
                blame.name(index, instruction, file);
            }
        }
        lines.misfit = misfit(file, &instructions, &pairs);
        if lines.layers.iter().any(|blame| blame.place.is_some()) {
            lines.known = Known::Dockerfile;
        }
        if lines.misfit.is_none() {
            lines.base = base(file, number, history, &pairs, count);
        }
        lines
    }

    /// Lines that the builder noted for each layer, first and last, in its own copy of the Dockerfile.
    pub fn of_provenance(
        config: Option<&ImageConfig>,
        lines: &[Option<(u32, u32)>],
        file: &DockerfileEvidence<'_>,
    ) -> Self {
        let mut found = Self::of_history(config, lines.len());
        let all: Vec<&Instruction> = file.file.instructions().collect();
        let line = |offset| file.file.position(offset).line;
        let first_of = |instruction: &Instruction| (line(instruction.span.start), line(instruction.span.end));
        let places: Vec<(u32, u32)> = all.iter().map(|i| first_of(i)).collect();
        for (blame, range) in found.layers.iter_mut().zip(lines) {
            let Some((first, last)) = *range else { continue };
            let at = places.iter().position(|(from, to)| *from <= first && first <= *to && last >= *from);
            if let Some(at) = at.filter(|at| all[*at].kind != Keyword::From) {
                blame.name(at, all[at], file);
            }
        }
        if found.layers.iter().any(|blame| blame.place.is_some()) {
            found.known = Known::Provenance;
            found.base = found.layers.iter().position(|blame| blame.place.is_some());
        }
        found
    }
}

/// The stage with this name or number.
fn stage(file: &DockerfileEvidence<'_>, target: Option<&str>) -> Result<usize, String> {
    let found = match target {
        None => file.stages.len().checked_sub(1),
        Some(target) => sources::dockerfile::stage_of(&file.stages, target),
    };
    found.ok_or_else(|| match target {
        Some(target) => format!("no stage is called `{}`", model::escaped(target)),
        None => "the Dockerfile has no FROM".to_owned(),
    })
}

/// The instructions that make a stage, those of the stages it builds on first, with their numbers in the file.
fn instructions<'f>(file: &DockerfileEvidence<'f>, stage: usize) -> Vec<(usize, &'f Instruction)> {
    let all: Vec<&Instruction> = file.file.instructions().collect();
    let mut lineage = file.lineage(stage);
    lineage.reverse();
    let mut out = Vec::new();
    for number in lineage {
        for instruction in file.stages.get(number).into_iter().flat_map(|stage| &stage.instructions) {
            if let Some(index) = all.iter().position(|one| std::ptr::eq(*one, *instruction)) {
                out.push((index, *instruction));
            }
        }
    }
    out
}

/// Pairs of entries and instructions that agree, as many as can be in order, the latest where there is a choice.
/// `None` if there are too many to try.
fn aligned(
    history: &[History],
    instructions: &[(usize, &Instruction)],
    file: &DockerfileEvidence<'_>,
) -> Option<Vec<(usize, usize)>> {
    let (rows, columns) = (history.len() + 1, instructions.len() + 1);
    if history.len() > MOST_STEPS || rows * columns > MOST_PAIRS {
        return None;
    }
    let entries: Vec<Step> = history.iter().map(Step::of_entry).collect();
    let wanted: Vec<Step> = instructions.iter().map(|(_, i)| Step::of_instruction(i, file)).collect();
    let mut best = vec![0_u32; rows * columns];
    for (e, entry) in entries.iter().enumerate() {
        for (i, step) in wanted.iter().enumerate() {
            let here = if step.agrees(entry) { best[e * columns + i] + 1 } else { 0 };
            let skipped = best[e * columns + i + 1].max(best[(e + 1) * columns + i]);
            best[(e + 1) * columns + i + 1] = here.max(skipped);
        }
    }
    let (mut e, mut i) = (entries.len(), wanted.len());
    let mut pairs = Vec::new();
    while e > 0 && i > 0 {
        let value = best[e * columns + i];
        if wanted[i - 1].agrees(&entries[e - 1]) && best[(e - 1) * columns + i - 1] + 1 == value {
            (e, i) = (e - 1, i - 1);
            pairs.push((e, i));
        } else if best[e * columns + i - 1] == value {
            i -= 1;
        } else {
            e -= 1;
        }
    }
    pairs.reverse();
    Some(pairs)
}

/// A step of a build, as far as the history and a Dockerfile both tell it.
struct Step {
    keyword: String,
    text: String,
}

impl Step {
    fn of_entry(entry: &History) -> Self {
        let text = entry.created_by.trim();
        let text = text.strip_suffix("|unsetLabel=true").unwrap_or(text);
        let text = text.strip_suffix("# buildkit").unwrap_or(text).trim_end();
        let made = text.split_once("#(nop)").map(|(_, made)| made.trim_start());
        let is_run = made.is_none() && (text.starts_with("RUN ") || text.starts_with(['/', '|']));
        let text = one_line(made.unwrap_or(text));
        let keyword = if is_run { "RUN".to_owned() } else { first_word(&text) };
        Self { keyword, text }
    }

    fn of_instruction(instruction: &Instruction, file: &DockerfileEvidence<'_>) -> Self {
        let text = match &instruction.body {
            Body::Command(form) if instruction.kind == Keyword::Run => run_text(form, instruction, file),
            // `COPY file:1f… in /app` is what an older builder writes.
            Body::Files(files) => files.target.as_ref().map_or(String::new(), |target| target.text.clone()),
            _ => String::new(),
        };
        Self { keyword: instruction.kind.word().to_owned(), text: one_line(&text) }
    }

    /// Whether this instruction may have written that entry.
    fn agrees(&self, entry: &Self) -> bool {
        if self.keyword != entry.keyword {
            return false;
        }
        match self.keyword.as_str() {
            "RUN" => ends_with(&entry.text, &self.text),
            "COPY" | "ADD" if !self.text.is_empty() && !self.text.contains(['$', '"', '\'', '\\']) => {
                ends_with(&entry.text, &self.text)
            }
            _ => true,
        }
    }
}

/// What a RUN hands to its shell, or a heredoc's text if that is all it has.
fn run_text(form: &Form, instruction: &Instruction, file: &DockerfileEvidence<'_>) -> String {
    match (form, instruction.heredocs.as_slice()) {
        (Form::Json(words), _) => words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        (Form::Shell { text, .. }, []) => text.text.clone(),
        (Form::Shell { text, .. }, [only]) if text.text.trim() == only.mark.text.trim() => {
            file.file.source(only.body).to_owned()
        }
        (Form::Shell { text, .. }, several) => {
            let bodies = several.iter().map(|h| format!("\n{}{}", file.file.source(h.body), h.name));
            bodies.fold(text.text.clone(), |all, body| all + &body)
        }
        (Form::Empty, _) => String::new(),
    }
}

/// Whether `text` ends with these words, the first of them whole.
fn ends_with(text: &str, words: &str) -> bool {
    !words.is_empty() && text.strip_suffix(words).is_some_and(|before| before.is_empty() || before.ends_with(' '))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_word(text: &str) -> String {
    text.split(' ').next().unwrap_or_default().to_ascii_uppercase()
}

/// The layer that each entry made.
fn layer_numbers(history: &[History]) -> Vec<Option<usize>> {
    let mut next = 0;
    let number = |entry: &History| {
        (!entry.empty_layer).then(|| {
            next += 1;
            next - 1
        })
    };
    history.iter().map(number).collect()
}

/// The first instruction that surely makes a layer and is not in the history.
fn misfit(
    file: &DockerfileEvidence<'_>,
    instructions: &[(usize, &Instruction)],
    pairs: &[(usize, usize)],
) -> Option<String> {
    let makes = |kind| matches!(kind, Keyword::Run | Keyword::Copy | Keyword::Add);
    let is_paired = |at: usize| pairs.binary_search_by_key(&at, |(_, instruction)| *instruction).is_ok();
    let missing = instructions.iter().enumerate().find(|(at, (_, i))| makes(i.kind) && !is_paired(*at));
    missing.map(|(_, (_, instruction))| {
        let place = file.place(instruction.span);
        format!("the image's history has no entry for the {} of line {}", instruction.kind.word(), place.line)
    })
}

/// How many layers came before the first instruction of the file.
fn base(
    file: &DockerfileEvidence<'_>,
    stage: usize,
    history: &[History],
    pairs: &[(usize, usize)],
    count: usize,
) -> Option<usize> {
    let root = file.lineage(stage).last().and_then(|number| file.stages.get(*number)?.image);
    if root.is_some_and(|image| image.text == "scratch") {
        return Some(0);
    }
    let Some((first, _)) = pairs.first() else { return Some(count) };
    Some(history[..*first].iter().filter(|entry| !entry.empty_layer).count())
}

#[cfg(test)]
mod tests;
