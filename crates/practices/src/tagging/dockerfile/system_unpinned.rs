//! PL144: packages of the distribution are installed without a version.

use super::{follows, unpinned};
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::shell::{Command, Word};

pub(crate) const RULE: Rule = Rule {
    code: "PL144",
    name: "system-package-unpinned",
    practice: Practice::Tagging,
    severity: Severity::Info,
    summary: "packages of the distribution are installed without a version",
    why: "The newest of the day is taken, so two builds of one commit may differ.",
    remedy: "Write the version, and install from a snapshot of the archive that keeps it.",
    example: r#"FROM debian:12
RUN apt-get update && apt-get install -y curl git=1:2.39.2-1.1
                                         ^^^^
---
FROM alpine:3.20
RUN apk add --no-cache --virtual .build gcc~=13 make
                                                ^^^^
---
FROM fedora:40
RUN dnf -y install git && zypper -n in vim
                   ^^^
                                       ^^^
---
FROM debian:12
RUN apt-get install -y curl=7.88.1-10 ./local.deb nginx/bookworm $PACKAGES && apt-get remove vim
---
FROM alpine:3.20
RUN apk add 'curl>8' && apk del git && dnf -y install git-2.45.0"#,
    aliases: &["DL3008", "DL3018", "DL3033", "DL3037", "DL3041"],
    off: Some(
        "distributions take old versions out of their archives, so that a build with versions breaks on the day of the next security fix, and without one the fix is installed; pin the base by digest (PL132) and build often, or install from a snapshot",
    ),
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    unpinned(evidence, RULE.remedy, loose)
}

/// Verbs that install, options that take a value, and what holds a package to a version.
type Manager = (&'static [&'static str], &'static [&'static str], fn(&str) -> bool);

/// Packages that nothing holds to a version.
fn loose(command: &Command) -> Vec<&Word> {
    let (verbs, values, held): Manager = match command.name() {
        "apt-get" | "apt" | "aptitude" => (&["install"], &["-o", "-t", "-c"], |text| text.contains(['=', '/'])),
        "apk" => (&["add"], &["-t", "--virtual", "-X", "--repository", "-p", "--root"], |text| {
            text.contains(['=', '~', '<', '>'])
        }),
        "dnf" | "yum" | "microdnf" | "tdnf" | "dnf5" => {
            (&["install"], &["-c", "--config", "-x", "--exclude", "--installroot", "--releasever"], |text| {
                text.contains('@') || text.split('-').skip(1).any(|part| part.starts_with(|c: char| c.is_ascii_digit()))
            })
        }
        "zypper" => {
            (&["install", "in"], &["-r", "--repo", "-t", "--type", "--root"], |text| text.contains(['=', '<', '>']))
        }
        _ => return Vec::new(),
    };
    let mut operands = command.operands().filter(|word| !follows(command, word, values));
    if !operands.next().is_some_and(|verb| verbs.contains(&verb.text.as_str())) {
        return Vec::new();
    }
    let local = |text: &str| {
        text.contains(['$', '*'])
            || text.contains("://")
            || text.ends_with(".deb")
            || text.ends_with(".rpm")
            || text.ends_with(".apk")
    };
    operands.filter(|word| !held(&word.text) && !local(&word.text) && !word.text.starts_with(['/', '.'])).collect()
}
