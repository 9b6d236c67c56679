//! PL260: WORKDIR lies in a folder of the kernel or the boot loader.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::Keyword;

pub(crate) const RULE: Rule = Rule {
    code: "PL260",
    name: "workdir-of-the-system",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "WORKDIR lies in a folder of the kernel or the boot loader",
    why: "`/proc`, `/boot`, `/dev` and the like are mounted over when the container runs: what the build put there is gone.",
    remedy: "Choose a folder of your own, such as `/app`.",
    example: r#"FROM debian:12
WORKDIR /proc/app
        ^^^^^^^^^
---
FROM debian:12
WORKDIR /dev
        ^^^^
---
FROM debian:12
WORKDIR /app
---
FROM debian:12
WORKDIR /development
WORKDIR proc"#,
    aliases: &["DS-0030"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let folders = ["/proc", "/sys", "/boot", "/dev", "/initrd", "/lost+found"];
    let within = |path: &str| {
        folders.iter().any(|f| path.strip_prefix(f).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    };
    let odd = d.with(Keyword::Workdir).filter(|instruction| within(&instruction.rest.text));
    Ok(odd.map(|i| d.hit(i.rest.span, "this folder is mounted over when the container runs", RULE.remedy)).collect())
}
