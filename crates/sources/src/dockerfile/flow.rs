//! Where a reference that FROM names comes from: the bytes that a digest must follow, through the ARGs before the
//! first FROM.
//!
//! A digest goes where the value comes from, so that whoever overrides the value by `--build-arg` also drops the
//! digest. Where that would change anything besides the image, the answer is why not.

use super::mention::WhyNot;
use super::stages::Stage;
use super::tree::{Body, Instruction, Pair};
use super::{Dockerfile, Expanded, Logical, Use, expand};
use crate::span::Span;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Variables that BuildKit sets by itself for FROM.
pub const PLATFORM_ARGS: [&str; 8] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
];

/// The end of a reference: what may be replaced, and where a digest goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    /// The piece of text that holds it.
    pub(super) place: Span,
    pub(super) tag: Option<Span>,
    pub(super) digest: Option<Span>,
    pub(super) end: usize,
    /// The ARG that holds it, if it is not FROM itself.
    pub(super) arg: Option<String>,
}

/// The global ARGs at their defaults, and who uses them.
pub(super) struct Flow<'a> {
    file: &'a Dockerfile,
    stages: &'a [Stage<'a>],
    args: Vec<(&'a Instruction, &'a Pair)>,
    values: HashMap<String, Option<String>>,
    /// The variables in the value of each ARG.
    uses: Vec<Vec<String>>,
    /// What each stage asks for.
    asks: Vec<Option<Ask>>,
}

/// What a FROM asks for, and the variables in it and in its platform.
type Ask = (String, Vec<String>, Vec<String>);

/// How many ARGs a value may come through.
const LONGEST_CHAIN: usize = 64;
/// How many bytes the values of all ARGs may take.
const MOST_VALUES: usize = 4 * 1024 * 1024;
/// How much work following who uses an ARG may be: stages times stages times ARGs.
const MOST_WORK: usize = 20_000_000;

impl<'a> Flow<'a> {
    pub(super) fn new(file: &'a Dockerfile, stages: &'a [Stage<'a>]) -> Self {
        let (values, uses, asks) = (HashMap::new(), Vec::new(), Vec::new());
        let mut flow = Self { file, stages, args: Vec::new(), values, uses, asks };
        let mut bytes = 0;
        for instruction in file.global_args() {
            let Body::Args(pairs) = &instruction.body else { continue };
            for pair in pairs {
                let value = pair.value.as_ref().and_then(|value| flow.expand(&value.text).ok());
                flow.uses.push(value.as_ref().map_or_else(Vec::new, names));
                bytes += value.as_ref().map_or(0, |value| value.text.len());
                // What is too much has no value, so that nothing grows from it.
                let value = value.filter(|_| bytes <= MOST_VALUES).map(|value| value.text);
                flow.values.insert(pair.key.text.clone(), value);
                flow.args.push((instruction, pair));
            }
        }
        let ask = |stage: &Stage<'_>| {
            let expanded = flow.expand(&stage.image?.text).ok()?;
            let platform = stage.from.flag_value("platform").and_then(|p| flow.expand(&p.text).ok());
            let names_of_image = names(&expanded);
            Some((expanded.text, names_of_image, platform.as_ref().map_or_else(Vec::new, names)))
        };
        let asks = stages.iter().map(ask).collect();
        flow.asks = asks;
        flow
    }

    /// A text with the global ARGs at their defaults.
    pub(super) fn expand(&self, text: &str) -> Result<Expanded, WhyNot> {
        let get = |name: &str| self.values.get(name).cloned().flatten();
        expand(text, self.file.escape(), &get).map_err(|error| WhyNot::NotAReference(error.to_string()))
    }

    /// The last of the first `before` ARGs with this name.
    fn arg(&self, name: &str, before: usize) -> Option<usize> {
        self.args[..before.min(self.args.len())].iter().rposition(|(_, pair)| pair.key.text == name)
    }

    fn line_of(&self, instruction: &Instruction) -> usize {
        self.file.lines().line(instruction.span.start)
    }

    /// The value of every variable must be in the file, or a digest has nothing to stand for.
    pub(super) fn outside(&self, uses: &[Use]) -> Option<WhyNot> {
        uses.iter().find_map(|one| {
            let set = self.values.get(&one.name).is_some_and(Option::is_some);
            if set || matches!(one.operator, Some('-' | '+')) {
                return None;
            }
            let name = &one.name;
            Some(WhyNot::FromOutside(match self.arg(name, usize::MAX) {
                Some(index) => format!("`ARG {name}` in line {} has no default", self.line_of(self.args[index].0)),
                None if PLATFORM_ARGS.contains(&name.as_str()) => format!("`{name}` depends on the platform"),
                None => format!("no `ARG {name}` stands before the first FROM"),
            }))
        })
    }

    /// The end of the reference that this part of a line makes.
    pub(super) fn tail(&self, line: &Logical, range: Range<usize>) -> Result<Tail, WhyNot> {
        self.tail_before(line, range, false, (usize::MAX, 0))
    }

    /// The same. `after_colon`: what stands before it ends in a tag's colon; `before`: how many ARGs it sees, and
    /// through how many it came.
    fn tail_before(
        &self,
        line: &Logical,
        range: Range<usize>,
        after_colon: bool,
        before: (usize, usize),
    ) -> Result<Tail, WhyNot> {
        if before.1 > LONGEST_CHAIN {
            return Err(WhyNot::Shared(format!("the value comes through more than {LONGEST_CHAIN} variables")));
        }
        let range = unquoted(line.text(), range);
        let raw = &line.text()[range.clone()];
        let uses = self.expand(raw)?.uses;
        let Some(last) = uses.iter().rfind(|one| !one.nested) else {
            if raw.contains(['\'', '"', self.file.escape()]) {
                return Err(WhyNot::NotAReference("quotes or escapes stand inside the name".to_owned()));
            }
            return literal(line, range, 0, after_colon);
        };
        let after = &raw[last.range.end..];
        if after.is_empty() {
            let start = &raw[..last.range.start];
            let colon = (start.ends_with(':') && !start.ends_with("@sha256:")) || (after_colon && start.is_empty());
            return self.variable(line, &range, last, colon, before);
        }
        let in_tag = |text: &str| text.rfind(':').is_some_and(|at| !text[at..].contains('/'));
        let whole = self.expand(&raw[..last.range.end])?.text;
        if !after.contains([':', '@', '/']) && (in_tag(&whole) || after_colon) {
            let what = format!("the tag is made of `{}` and `{}`", last.name, model::escaped(after));
            return Err(WhyNot::Shared(what));
        }
        literal(line, range, last.range.end, false)
    }

    /// The reference ends in a variable: its end is where the variable's value is.
    fn variable(
        &self,
        line: &Logical,
        range: &Range<usize>,
        last: &Use,
        after_colon: bool,
        before: (usize, usize),
    ) -> Result<Tail, WhyNot> {
        let name = &last.name;
        let value = self.values.get(name).cloned().flatten();
        let from_arg = match last.operator {
            None | Some('?') => true,
            Some('-') => value.is_some_and(|value| !value.is_empty()),
            Some(_) => return Err(WhyNot::Shared(format!("the value of `{name}` is cut or replaced there"))),
        };
        if !from_arg {
            let word = range.start + last.word.start..range.start + last.word.end;
            return self.tail_before(line, word, after_colon, (before.0, before.1 + 1));
        }
        let index =
            self.arg(name, before.0).ok_or_else(|| WhyNot::FromOutside(format!("`{name}` has no value here")))?;
        let (arg, pair) = self.args[index];
        let value = pair.value.as_ref().and_then(|value| {
            let start = arg.line.offset(value.span.start)?;
            Some(start..start + value.text.len())
        });
        let value = value.ok_or_else(|| WhyNot::FromOutside(format!("`ARG {name}` has no default")))?;
        let mut tail = self.tail_before(&arg.line, value, after_colon, (index, before.1 + 1))?;
        tail.arg.get_or_insert(name.clone());
        Ok(tail)
    }

    /// Who else would see a digest in the default of this ARG, besides FROMs that ask for the same image.
    pub(super) fn shared(&self, name: &str, image: &str) -> Option<WhyNot> {
        let stages = self.stages.len();
        if stages.saturating_mul(stages).saturating_mul(self.args.len()) > MOST_WORK {
            return Some(WhyNot::Shared("there are too many stages and ARGs to follow".to_owned()));
        }
        let made = self.made_of(name);
        let leads = |names: &[String]| names.iter().any(|one| made.contains(one.as_str()));
        for (stage, ask) in self.stages.iter().zip(&self.asks) {
            let Some((asked, in_image, in_platform)) = ask else { continue };
            if leads(in_image) && asked != image {
                let line = self.line_of(stage.from);
                return Some(WhyNot::Shared(format!("`{name}` makes another image in line {line}")));
            }
            if leads(in_platform) {
                return Some(WhyNot::Shared(format!("`{name}` is also a platform")));
            }
            let again = stage.instructions.iter().find(|i| match &i.body {
                Body::Args(pairs) => pairs.iter().any(|p| p.value.is_none() && made.contains(p.key.text.as_str())),
                _ => false,
            });
            if let Some(again) = again {
                let line = self.line_of(again);
                return Some(WhyNot::Shared(format!("the `ARG` in line {line} takes `{name}` into a stage")));
            }
        }
        None
    }

    /// The ARGs whose values are made of `name`, itself among them; each sees only those before it.
    fn made_of<'n>(&'n self, name: &'n str) -> HashSet<&'n str> {
        let mut made = HashSet::from([name]);
        for ((_, pair), uses) in self.args.iter().zip(&self.uses) {
            if uses.iter().any(|one| made.contains(one.as_str())) {
                made.insert(&pair.key.text);
            }
        }
        made
    }
}

fn names(expanded: &Expanded) -> Vec<String> {
    expanded.uses.iter().map(|one| one.name.clone()).collect()
}

/// `range` without quotes around it.
fn unquoted(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    for quote in ['"', '\''] {
        if let Some(inside) =
            part.strip_prefix(quote).and_then(|p| p.strip_suffix(quote)).filter(|p| !p.contains(quote))
        {
            return range.start + 1..range.start + 1 + inside.len();
        }
    }
    range
}

/// The end of a reference in literal text, of which only what comes after `from` is looked at.
fn literal(line: &Logical, range: Range<usize>, from: usize, after_colon: bool) -> Result<Tail, WhyNot> {
    let raw = &line.text()[range.clone()];
    let at = |offset: usize| range.start + offset;
    let body_end = raw[from..].find('@').map_or(raw.len(), |found| from + found);
    let digest = (body_end < raw.len()).then(|| line.span(at(body_end)..range.end));
    let body = &raw[from..body_end];
    let tag_start = match body.rfind(':').filter(|colon| !body[*colon..].contains('/')) {
        Some(colon) => Some(from + colon + 1),
        None => (after_colon && from == 0 && !body.contains('/')).then_some(0),
    };
    let tag = tag_start.filter(|start| *start < body_end).map(|start| line.span(at(start)..at(body_end)));
    let place = line.span(range.clone());
    if place.len() != range.len() {
        return Err(WhyNot::NotAReference("the name is broken over lines".to_owned()));
    }
    let end = if body_end == 0 { place.start } else { line.span(range.start..at(body_end)).end };
    Ok(Tail { place, tag, digest, end, arg: None })
}
