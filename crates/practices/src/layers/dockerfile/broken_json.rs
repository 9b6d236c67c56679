//! PL226: a JSON list is no JSON, so that a shell gets it as text.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::Span;
use sources::dockerfile::{Body, Form};

pub(crate) const RULE: Rule = Rule {
    code: "PL226",
    name: "broken-json",
    practice: Practice::Layers,
    severity: Severity::High,
    summary: "a JSON list is no JSON, so that a shell gets it as text",
    why: "BuildKit takes a list with single quotes, a comma too many or a bracket too few for a shell's text, without a word. The container then fails when it starts.",
    remedy: "Write JSON: double quotes, commas between strings, none after the last.",
    example: r#"FROM debian:12
CMD ['nginx', '-g']
     ^
---
FROM debian:12
ENTRYPOINT ["/app", "--flag",]
                             ^
---
FROM debian:12
CMD ["nginx", "-g"]
RUN [ -f /etc/passwd ] && true
---
FROM debian:12
RUN [[ -f /etc/passwd ]] || true
RUN [ "$(id -u)" = 0 ] && true"#,
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let mut hits = Vec::new();
    for (_, instruction) in d.all() {
        let (Body::Command(form) | Body::Health(_, form)) = &instruction.body else { continue };
        let Form::Shell { text, broken_json: Some(at) } = form else { continue };
        if is_meant_as_list(&text.text) {
            let end = d.file.text()[*at..].chars().next().map_or(*at, |c| at + c.len_utf8());
            let message = format!(
                "this list stops being JSON here, so that a shell gets all of it as the text of {}",
                instruction.kind.word()
            );
            hits.push(d.hit(Span::new(*at, end), message, RULE.remedy));
        }
    }
    Ok(hits)
}

/// Whether the first thing in it is quoted and followed by what follows in a list: `[ "$a" = b ]` is a test.
fn is_meant_as_list(text: &str) -> bool {
    let inside = text[1..].trim_start();
    let Some(quote) = inside.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return false };
    let Some(end) = inside[1..].find(quote) else { return true };
    let after = inside[end + 2..].trim_start();
    after.is_empty() || after.starts_with([',', ']'])
}
