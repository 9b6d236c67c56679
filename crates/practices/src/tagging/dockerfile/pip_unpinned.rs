//! PL140: Python packages are installed without a version.

use super::unpinned;
use crate::evidence::Evidence;
use crate::rule::{Checked, Rule};
use model::{Practice, Severity};
use sources::shell::{Command, Word};

pub(crate) const RULE: Rule = Rule {
    code: "PL140",
    name: "pip-unpinned",
    practice: Practice::Tagging,
    severity: Severity::Low,
    summary: "Python packages are installed without a version",
    why: "The newest release of the day is taken, so two builds of one commit differ, and a broken or hostile release reaches you at once.",
    remedy: "Write `package==version`, or install from a requirements file with versions.",
    example: r#"FROM python:3.12
RUN pip install requests flask==3.0.0
                ^^^^^^^^
---
FROM python:3.12
RUN python3 -m pip install --no-cache-dir 'uvicorn[standard]'
                                          ^^^^^^^^^^^^^^^^^^^
---
FROM python:3.12
RUN pip install -r requirements.txt && pip install -e . && pip install ./wheel.whl
---
FROM python:3.12
RUN pip install requests==2.32.0 "flask>=3,<4" git+https://example.com/x.git && pip install -c limits.txt requests"#,
    aliases: &["DL3013"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    unpinned(evidence, RULE.remedy, |command| if is_pip_install(command) { loose(command) } else { Vec::new() })
}

/// `pip install`, also as `python -m pip install`.
pub(crate) fn is_pip_install(command: &Command) -> bool {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let name = command.name();
    let pip = name.starts_with("pip") && name[3..].chars().all(|c| c.is_ascii_digit() || c == '.');
    let module = name.starts_with("python") && words.get(1..3) == Some(&["-m", "pip"]);
    let verb = if module { 3 } else { 1 };
    (pip || module) && words.iter().skip(verb).find(|word| !word.starts_with('-')) == Some(&"install")
}

/// Packages that nothing holds to a version.
fn loose(command: &Command) -> Vec<&Word> {
    let takes_value = [
        "-r",
        "--requirement",
        "-c",
        "--constraint",
        "-e",
        "--editable",
        "-i",
        "--index-url",
        "-f",
        "-t",
        "--target",
        "--extra-index-url",
        "--find-links",
        "--prefix",
        "--root",
        "--trusted-host",
        "--platform",
        "--python-version",
        "--proxy",
        "--timeout",
    ];
    let from_file = ["-r", "--requirement", "-c", "--constraint", "-e", "--editable"];
    if command.arguments().iter().any(|word| from_file.contains(&word.text.split('=').next().unwrap_or_default())) {
        return Vec::new();
    }
    let after = command.arguments().iter().skip_while(|word| word.text != "install").skip(1);
    let mut value = false;
    let packages = after.filter(|word| {
        let is_value = std::mem::replace(&mut value, takes_value.contains(&word.text.as_str()));
        !is_value && !word.text.starts_with('-')
    });
    let held = |text: &str| {
        text.contains(['=', '<', '>', '~', '@', '/', '$'])
            || text.contains("://")
            || text == "."
            || text.ends_with(".whl")
    };
    packages.filter(|word| !held(&word.text)).collect()
}
