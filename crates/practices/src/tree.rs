//! The Dockerfiles of a source tree: each judged by the rules of `lint`, as one part of the tree's evaluation.

use crate::evidence::SourceText;
use crate::lint::lint;
use crate::policy::Policy;
use jiff::civil::Date;
use model::Finding;
use sources::Kind;
use sources::dockerfile::Dockerfile;

/// Lints every Dockerfile among `texts`, adds what was found to `findings`, and gives how many findings comments turn
/// off. A line that holds a secret is then the proof of no finding, whichever rule made it.
pub(crate) fn lint_dockerfiles(
    texts: &[SourceText<'_>],
    policy: &Policy,
    today: Date,
    findings: &mut Vec<Finding>,
) -> usize {
    let mut ignored = 0;
    for text in texts.iter().filter(|text| text.kind == Kind::Dockerfile) {
        // One that is refused names no mentions either, so whoever gathered the texts has said that it is unread.
        let Ok(file) = Dockerfile::parse(text.text) else { continue };
        let linted = lint(text.path, &file, text.dockerignore, policy, today);
        linted.secrets.hide(text.path, findings);
        findings.extend(linted.findings);
        ignored += linted.ignored;
    }
    ignored
}
