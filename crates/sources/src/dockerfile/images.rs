//! Every image that a Dockerfile names: FROM, `COPY --from`, a mount's `from`, `# syntax`, also after ONBUILD.

use super::flow::{Flow, Tail};
use super::mention::{Image, Mention, WhyNot};
use super::stages::{Stage, stage_of};
use super::tree::{Body, Instruction, Word};
use super::{Dockerfile, Keyword};
use crate::Role;
use crate::span::Span;
use model::Reference;

/// All mentions, by place. A value that several FROMs share is one mention.
pub fn images(file: &Dockerfile) -> Vec<Mention> {
    let stages = file.stages();
    let flow = Flow::new(file, &stages);
    let mut mentions: Vec<Mention> = syntax(file).into_iter().collect();
    for (index, stage) in stages.iter().enumerate() {
        mentions.extend(stage.image.map(|image| from(&flow, &stages[..index], stage, image)));
        for instruction in &stage.instructions {
            // COPY and mounts may name only earlier stages; a later one's name is an image's.
            copies(file, instruction, &stages[..index], false, &mut mentions);
        }
    }
    mentions.sort_by_key(|mention| mention.span);
    mentions.dedup_by(|a, b| a.span == b.span && a.image == b.image);
    mentions
}

fn syntax(file: &Dockerfile) -> Option<Mention> {
    let value = &file.directive("syntax")?.value;
    let name = value.text.split_whitespace().next()?;
    let span = Span::new(value.span.start, value.span.start + name.len());
    Some(literal(span, name, Role::Frontend))
}

/// A name in which nothing is expanded.
fn literal(span: Span, text: &str, role: Role) -> Mention {
    let image = text.parse::<Reference>().map_err(|error| WhyNot::NotAReference(error.to_string())).map(|reference| {
        let name_end = text.find('@').unwrap_or(text.len());
        let tag = reference.tag().map(|tag| Span::new(span.start + name_end - tag.len(), span.start + name_end));
        let digest = (name_end < text.len()).then(|| Span::new(span.start + name_end, span.end));
        Image { tag, digest, end: span.start + name_end, reference }
    });
    let broken = span.len() != text.len();
    let why = || Err(WhyNot::NotAReference("the name is broken over lines".to_owned()));
    let image = if broken { why() } else { image };
    let names = image.as_ref().ok().map(|image| image.reference.clone());
    Mention { span, written: text.to_owned(), role, names, image }
}

fn from(flow: &Flow<'_>, earlier: &[Stage<'_>], stage: &Stage<'_>, word: &Word) -> Mention {
    let (names, place) = match base(flow, earlier, word) {
        Ok(reference) => {
            (Some(reference.clone()), written(flow, stage, word, &reference).map(|tail| (reference, tail)))
        }
        Err(why) => (None, Err(why)),
    };
    let (role, image) = (Role::Base, Err(WhyNot::Scratch));
    let mut mention = Mention { span: word.span, written: word.text.clone(), role, names, image };
    match place {
        Ok((reference, tail)) => {
            if tail.arg.is_some() {
                mention.span = tail.place;
            }
            mention.image = Ok(Image { reference, tag: tail.tag, digest: tail.digest, end: tail.end });
        }
        Err(why) => mention.image = Err(why),
    }
    mention
}

/// What a FROM names.
fn base(flow: &Flow<'_>, earlier: &[Stage<'_>], word: &Word) -> Result<Reference, WhyNot> {
    let expanded = flow.expand(&word.text)?;
    if let Some(parent) = super::stages::named(earlier, &expanded.text) {
        return Err(own(&earlier[parent]));
    }
    if expanded.text == "scratch" {
        return Err(WhyNot::Scratch);
    }
    if let Some(why) = flow.outside(&expanded.uses) {
        return Err(why);
    }
    expanded.text.parse().map_err(|e: model::ReferenceError| WhyNot::NotAReference(e.to_string()))
}

/// Where its end is written, if a digest there changes nothing else.
fn written(flow: &Flow<'_>, stage: &Stage<'_>, word: &Word, reference: &Reference) -> Result<Tail, WhyNot> {
    let start = stage.from.line.offset(word.span.start).unwrap_or_default();
    let tail = flow.tail(&stage.from.line, start..start + word.text.len())?;
    if reference.digest().is_some() && tail.digest.is_none() {
        return Err(WhyNot::Shared("its digest is a variable's value".to_owned()));
    }
    let shared = tail.arg.as_ref().and_then(|arg| flow.shared(arg, reference.as_typed()));
    shared.map_or(Ok(tail), Err)
}

fn own(stage: &Stage<'_>) -> WhyNot {
    WhyNot::Own(match &stage.name {
        Some(name) => format!("the stage `{}`", model::escaped(name)),
        None => format!("stage {}", stage.index),
    })
}

/// `COPY --from` and mounts of one instruction.
fn copies(file: &Dockerfile, instruction: &Instruction, stages: &[Stage<'_>], triggered: bool, out: &mut Vec<Mention>) {
    if let Body::Onbuild(Some(inner)) = &instruction.body {
        return copies(file, inner, stages, true, out);
    }
    let mut add = |word: &Word| {
        let mut mention = literal(span_of(file, word), &word.text, Role::BuildInput);
        if let Some(why) = not_an_image(word, stages, triggered) {
            mention.image = Err(why);
        }
        out.push(mention);
    };
    if let Some(word) = instruction.flag_value("from").filter(|_| instruction.kind == Keyword::Copy) {
        add(word);
    }
    if instruction.kind == Keyword::Run {
        for word in instruction.mounts().filter_map(|mount| mount.from()) {
            add(word);
        }
    }
}

/// Without quotes around it.
fn span_of(file: &Dockerfile, word: &Word) -> Span {
    let quoted = file.source(word.span);
    let inside = quoted.len() == word.text.len() + 2 && quoted[1..].starts_with(&word.text);
    if inside { Span::new(word.span.start + 1, word.span.end - 1) } else { word.span }
}

fn not_an_image(word: &Word, stages: &[Stage<'_>], triggered: bool) -> Option<WhyNot> {
    let text = &word.text;
    if text == "scratch" {
        return Some(WhyNot::Scratch);
    }
    if text.contains('$') {
        return Some(WhyNot::NotAReference("no variable is expanded there: name a stage instead".to_owned()));
    }
    let number = text.parse::<usize>().is_ok();
    if triggered && !text.contains(['/', ':']) {
        let what = format!("ONBUILD runs in another build, where `{}` may be a stage", model::escaped(text));
        return Some(WhyNot::FromOutside(what));
    }
    if !triggered && let Some(stage) = stage_of(stages, text) {
        return Some(own(&stages[stage]));
    }
    number.then(|| WhyNot::NotAReference(format!("there is no stage {text} before it")))
}
