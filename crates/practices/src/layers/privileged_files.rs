//! PL204: programs that give their caller more rights.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::{clipped, count, listed, shell};
use facts::image::FileNote;
use model::{Practice, Severity};

/// Programs that distributions themselves ship with such rights.
const USUAL: [&str; 29] = [
    "bbsuid",
    "chage",
    "chfn",
    "chsh",
    "crontab",
    "dbus-daemon-launch-helper",
    "expiry",
    "fusermount",
    "fusermount3",
    "gpasswd",
    "grub2-set-bootflag",
    "mount",
    "newgidmap",
    "newgrp",
    "newuidmap",
    "passwd",
    "ping",
    "ping6",
    "pkexec",
    "polkit-agent-helper-1",
    "pam_timestamp_check",
    "pt_chown",
    "sg",
    "ssh-agent",
    "ssh-keysign",
    "su",
    "umount",
    "unix_chkpwd",
    "wall",
];
/// Where they ship them.
const USUAL_FOLDERS: [&str; 6] = ["bin", "sbin", "usr/bin", "usr/sbin", "usr/lib", "usr/libexec"];

pub(crate) const RULE: Rule = Rule {
    code: "PL204",
    name: "privileged-files",
    practice: Practice::Layers,
    severity: Severity::Low,
    summary: "programs with setuid, setgid or capabilities that a distribution does not usually ship",
    why: "A program with these bits runs with more rights than its caller, so a fault in it breaks the container's \
          user separation. The ones that every distribution ships (`su`, `passwd`, `mount`…) are not listed; an \
          unusual one should be there on purpose.",
    remedy: "Take the bits away where they are not needed: `chmod a-s FILE`, `setcap -r FILE`.",
    example: r"RUN chmod u+s /usr/local/bin/tool   # breaks the rule
RUN apt-get install -y passwd       # does not",
    aliases: &["CIS-DI-0008"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    let unusual: Vec<&FileNote> = facts.privileged.iter().filter(|f| !is_usual(f)).collect();
    let Some(first) = unusual.first() else { return Ok(Vec::new()) };
    let message = format!("{} with more rights than the caller", count(unusual.len() as u64, "unusual program"));
    let one = |f: &&FileNote| format!("{} ({}, {})", f.path, clipped(&f.what), evidence.layer_words(f.layer));
    let proof = listed(unusual.iter().map(one));
    let remedy = format!(
        "take the rights away where the file is made, if nothing needs them: `chmod a-s {0}` or `setcap -r {0}`",
        shell(&first.path.to_string())
    );
    Ok(vec![Hit::new(message, proof, remedy).at(&first.path).in_layer(evidence.layer(first.layer))])
}

fn is_usual(file: &FileNote) -> bool {
    let Some(path) = file.path.as_str() else { return false };
    let Some((folder, name)) = path.rsplit_once('/') else { return false };
    let within = |f: &str| folder == f || folder.strip_prefix(f).is_some_and(|rest| rest.starts_with('/'));
    USUAL.contains(&name) && USUAL_FOLDERS.iter().any(|f| within(f))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Bench, note};

    #[test]
    fn the_usual_ones_are_not_listed() {
        let mut bench = Bench::good();
        bench.facts.privileged.push(note("usr/lib/openssh/ssh-keysign", 0, "setuid"));
        assert!(bench.hits(check).is_empty());
    }

    #[test]
    fn an_unusual_one_is() {
        let mut bench = Bench::good();
        bench.facts.privileged.push(note("app/su", 2, "setuid"));
        insta::assert_snapshot!(bench.said(check), @"
        1 unusual program with more rights than the caller
          proof: /app/su (setuid, layer 3 of 3 (`COPY . /app`))
          remedy: take the rights away where the file is made, if nothing needs them: `chmod a-s /app/su` or `setcap -r /app/su`
        ");
    }

    #[test]
    fn at_most_ten_are_named() {
        let mut bench = Bench::good();
        bench.facts.privileged = (0..30).map(|n| note(&format!("opt/{n}"), 2, "capability")).collect();
        assert!(bench.hits(check)[0].proof.ends_with("and 20 more"));
    }
}
