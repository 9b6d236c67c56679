//! PL253: useradd with a large number makes a huge sparse file.

use crate::evidence::Evidence;
use crate::fix::option_after_name;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL253",
    name: "useradd-sparse",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "useradd with a large number makes a huge sparse file",
    why: "It grows /var/log/lastlog and faillog to the number's place: gigabytes of zeros that some builders store in the layer.",
    remedy: "Add `-l` (`--no-log-init`).",
    example: r#"FROM debian:12
RUN useradd -u 1000000 app
    ^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN useradd -m --uid 2000000000 app
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
---
FROM debian:12
RUN useradd -l -u 1000000 app
---
FROM debian:12
RUN useradd -u 1000 app && adduser -u 1000000 app"#,
    aliases: &["DL3046"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let d = evidence.needs_dockerfile()?;
    let large = d.commands().filter(|(_, c)| c.name() == "useradd" && !c.has("-l") && !c.has("--no-log-init"));
    let large = large.filter(|(_, c)| {
        let words = c.arguments();
        let after = words
            .windows(2)
            .filter(|pair| matches!(pair[0].text.as_str(), "-u" | "--uid"))
            .map(|pair| pair[1].text.as_str());
        let joined = words.iter().filter_map(|word| word.text.strip_prefix("--uid="));
        after.chain(joined).any(|uid| uid.len() > 5 && uid.bytes().all(|b| b.is_ascii_digit()))
    });
    Ok(large
        .map(|(_, c)| {
            let hit = d.hit(c.span, "logs grow to the place of this user's number", RULE.remedy);
            hit.fixed(option_after_name(c, "-l"))
        })
        .collect())
}
