//! PL269: VOLUME lies in a folder of the kernel.

use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::dockerfile::{Body, Keyword};

pub(crate) const RULE: Rule = Rule {
    code: "PL269",
    name: "volume-of-the-system",
    practice: Practice::Layers,
    severity: Severity::High,
    summary: "VOLUME lies in a folder of the kernel",
    why: "A volume over `/proc`, `/sys` or `/dev` hides what the kernel says there, and with it what keeps the container in its bounds.",
    remedy: "Choose a folder of your own, such as `/data`.",
    example: r#"FROM debian:12
VOLUME /proc
       ^^^^^
---
FROM debian:12
VOLUME ["/data", "/sys/fs"]
                 ^^^^^^^^^
---
FROM debian:12
VOLUME /data /system
---
FROM debian:12
VOLUME ["/development"]"#,
    aliases: &["DKL-DI-0002"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let within = |path: &str| {
        let below =
            |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        ["/proc", "/sys", "/dev"].iter().any(|folder| below(folder))
    };
    let mut hits = Vec::new();
    for instruction in d.with(Keyword::Volume) {
        let Body::Words(words) = &instruction.body else { continue };
        let odd = words.iter().filter(|word| within(word.text.trim_matches(['"', '\''])));
        hits.extend(odd.map(|word| d.hit(word.span, "a volume here hides what the kernel says", RULE.remedy)));
    }
    Ok(hits)
}
