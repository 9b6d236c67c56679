//! PL245: keywords are written in different cases.

use crate::evidence::Evidence;
use crate::fix::Fix;
use crate::rule::MOST_HITS;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::Word;

pub(crate) const RULE: Rule = Rule {
    code: "PL245",
    name: "keyword-case",
    practice: Practice::Layers,
    severity: Severity::Info,
    summary: "keywords are written in different cases",
    why: "One case, upper by custom, lets a reader see where instructions begin.",
    remedy: "Write all of them in the case that most have.",
    example: r#"FROM debian:12
RUN true
run true
^^^
---
from debian:12
run true
Run true
^^^
---
FROM debian:12
RUN true
---
from debian:12
run true"#,
    aliases: &["ConsistentInstructionCasing"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let words: Vec<&Word> = d.file.instructions().map(|instruction| &instruction.keyword).collect();
    let upper = words.iter().filter(|word| word.text == word.text.to_uppercase()).count();
    let lower = words.iter().filter(|word| word.text == word.text.to_lowercase()).count();
    let wanted = |text: &str| if lower > upper { text.to_lowercase() } else { text.to_uppercase() };
    let odd = words.into_iter().filter(|word| word.text != wanted(&word.text));
    let hit = |word: &Word| {
        let message = format!("`{}` is not in the case of the other keywords", model::escaped(&word.text));
        let right = wanted(&word.text);
        let hit = d.hit(word.span, message, format!("write `{}`", model::escaped(&right)));
        hit.fixed(Some(Fix::replace(word.span, right)))
    };
    Ok(odd.take(MOST_HITS).map(hit).collect())
}
