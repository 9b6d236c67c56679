//! What the rules about texts share: the mentions to be judged, and where they are.

use crate::evidence::{Evidence, Missing, SourceText};
use crate::rule::{Checked, Hit, MOST_HITS};
use crate::words::quoted;
use model::{Reference, Severity, TextPlace};
use sources::{Kind, Lines, Mention, Role};

/// Judges every image that the texts name, except those that a build here makes: their names are no choice of what runs;
/// and those that a Dockerfile's FROM names, which PL130 to PL132 judge where comments can turn them off.
pub(super) fn each(
    evidence: &Evidence<'_>,
    judge: impl Fn(&SourceText<'_>, &Mention, &Reference) -> Option<Hit>,
) -> Checked {
    mentions(evidence, |text, mention| {
        let of_from = text.kind == Kind::Dockerfile && mention.role == Role::Base;
        judge(text, mention, mention.reference().filter(|_| !of_from)?)
    })
}

/// The same for all mentions, whether or not they name an image.
pub(super) fn mentions(evidence: &Evidence<'_>, judge: impl Fn(&SourceText<'_>, &Mention) -> Option<Hit>) -> Checked {
    let mut hits = Vec::new();
    for text in evidence.needs_texts()? {
        let lines = Lines::new(text.text);
        let judged = text.mentions.iter().filter(|m| !m.obstacle.as_ref().is_some_and(|o| o.is_by_nature()));
        for mention in judged {
            if let Some(hit) = judge(text, mention) {
                hits.push(hit.in_text(place(text, &lines, mention)));
            }
        }
        if hits.len() >= MOST_HITS {
            hits.truncate(MOST_HITS);
            break;
        }
    }
    Ok(hits)
}

pub(super) fn place(text: &SourceText<'_>, lines: &Lines, mention: &Mention) -> TextPlace {
    let start = lines.position(mention.span.start, text.text);
    let end = lines.position(mention.span.end, text.text);
    TextPlace {
        path: text.path.to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// What is named there, and where from.
pub(super) fn proof(text: &SourceText<'_>, mention: &Mention, reference: &Reference) -> String {
    let whole = format!("{}:{}", reference.name(), reference.tag().unwrap_or("latest"));
    let role = match mention.role {
        Role::Deployed => "deploys",
        Role::Base => "builds on",
        Role::BuildInput => "takes files from",
        Role::Tool => "runs a step in",
        Role::Frontend => "is built by",
        Role::Output => "makes",
    };
    format!("the {} {role} {}, which is {}", text.kind.word(), quoted(&mention.written), quoted(&whole))
}

/// How to mend it.
pub(super) fn remedy(text: &SourceText<'_>, mention: &Mention, version: bool) -> String {
    let first = if version { "name a version, then " } else { "" };
    match &mention.obstacle {
        None => format!("{first}pin it: `plimsoll pin {}`", crate::words::shell(text.path)),
        Some(why) => format!("{first}pin it by hand, since {why}"),
    }
}

/// A deployment decides what runs; what a build or a pipeline uses is one step away from that.
pub(super) fn by_role(mention: &Mention, deployed: Severity, other: Severity) -> Severity {
    if mention.role == Role::Deployed { deployed } else { other }
}

/// The texts are there at all: for rules that look at all of them together.
pub(super) fn all<'a>(evidence: &Evidence<'a>) -> Result<&'a [SourceText<'a>], Missing> {
    evidence.needs_texts()
}
