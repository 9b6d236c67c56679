//! PL211: a secret by its shape in the image's history or environment.

use super::dockerfile::secret_in_text::{passwords, shapes};
use crate::evidence::Evidence;
use crate::history;
use crate::rule::{Checked, Hit, MOST_HITS, Rule};
use crate::secret_names::is_secret;
use crate::words::quoted;
use model::{Practice, Severity};
use std::collections::BTreeMap;

pub(crate) const RULE: Rule = Rule {
    code: "PL211",
    name: "secret-in-history",
    practice: Practice::Layers,
    severity: Severity::Critical,
    summary: "the image's history or environment holds a token, a key or a password by its shape",
    why: "Whatever a `RUN` says, and each value that a build argument or an `ENV` had, stands in the image's config for \
          everyone who can pull it. Known shapes are looked for, under whatever name: tokens of GitHub, GitLab, npm, \
          Slack, Stripe and Docker Hub, keys of AWS and Google, private keys, passwords in URLs. Examples and \
          placeholders are none. What has a secret's name is told by `secret-in-env` and `secret-in-build-argument`.",
    remedy: "Rotate the secret where it was issued. Then give the new one to the build with `RUN --mount=type=secret`.",
    example: r#"RUN git clone https://robot:gl0ssy-Harbor7@git.example.com/app.git      # breaks the rule

RUN --mount=type=secret,id=git,target=/root/.git-credentials \
    git clone https://git.example.com/app.git                          # does not"#,
    aliases: &["CIS-DI-0010", "DS-0031"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let config = evidence.needs_config()?;
    let mut places: BTreeMap<String, Vec<(&'static str, usize)>> = BTreeMap::new();
    for (number, step) in config.history.iter().enumerate() {
        let named = history::arguments(&step.created_by).map(|arguments| arguments.pairs).unwrap_or_default();
        let told: Vec<&str> = named.into_iter().filter(|(name, _)| is_secret(name)).map(|(_, value)| value).collect();
        let found = found(&step.created_by);
        let untold = found.into_iter().filter(|(value, ..)| !told.iter().any(|told| told.contains(value)));
        let place = format!("step {} of {} in the history", number + 1, config.history.len());
        places.entry(place).or_default().extend(untold.map(|(_, what, length)| (what, length)));
    }
    for (name, value) in config.config.env.iter().filter_map(|pair| pair.split_once('=')) {
        if !is_secret(name) {
            let place = format!("the value of {} in the environment", quoted(name));
            places.entry(place).or_default().extend(found(value).into_iter().map(|(_, what, length)| (what, length)));
        }
    }
    let hits = places.iter().flat_map(|(place, found)| found.iter().map(move |one| hit(place, *one)));
    Ok(hits.take(MOST_HITS).collect())
}

/// The secret, what it is, and how many characters it has.
fn found(text: &str) -> Vec<(&str, &'static str, usize)> {
    let all = shapes(text).into_iter().chain(passwords(text));
    all.filter_map(|(range, what)| Some((text.get(range.clone())?, what, range.len()))).collect()
}

fn hit(place: &str, (what, length): (&str, usize)) -> Hit {
    Hit::new(
        format!("{what} is in the image for everyone who can pull it"),
        format!("{place} holds {length} characters in the shape of one; they are not shown here"),
        "rotate it where it was issued, then give the new one to the build with `RUN --mount=type=secret`".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

    fn said(entry: &str, env: &str) -> String {
        let mut bench = Bench::good();
        bench.config().history[2].created_by = entry.to_owned();
        bench.env(&[env]);
        bench.said(check)
    }

    #[test]
    fn by_its_shape_and_never_shown() {
        let entry = format!("RUN |1 REF={TOKEN} /bin/sh -c git clone https://me:gl0ssy-Harbor7@git.example.com/x");
        let said = said(&entry, &format!("WHATEVER={TOKEN}"));
        assert!(!said.contains(TOKEN) && !said.contains("Harbor7"), "{said}");
        insta::assert_snapshot!(said, @"
        a token of GitHub is in the image for everyone who can pull it
          proof: step 3 of 4 in the history holds 40 characters in the shape of one; they are not shown here
          remedy: rotate it where it was issued, then give the new one to the build with `RUN --mount=type=secret`
        a password is in the image for everyone who can pull it
          proof: step 3 of 4 in the history holds 17 characters in the shape of one; they are not shown here
          remedy: rotate it where it was issued, then give the new one to the build with `RUN --mount=type=secret`
        a token of GitHub is in the image for everyone who can pull it
          proof: the value of `WHATEVER` in the environment holds 40 characters in the shape of one; they are not shown here
          remedy: rotate it where it was issued, then give the new one to the build with `RUN --mount=type=secret`
        ");
    }

    #[test]
    fn names_are_other_rules_business_and_examples_nobodys() {
        assert_eq!(said(&format!("RUN |1 GITHUB_TOKEN={TOKEN} /bin/sh -c make"), &format!("API_TOKEN={TOKEN}")), "");
        let examples = "RUN /bin/sh -c echo AKIAIOSFODNN7EXAMPLE ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
        assert_eq!(said(examples, "URL=https://user:password@example.com"), "");
    }
}
