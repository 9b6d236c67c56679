//! PL208: a secret in a build argument, which the history keeps.

use crate::evidence::Evidence;
use crate::history;
use crate::rule::{Checked, Hit, MOST_HITS, Rule};
use crate::secret_names::{is_harmless, is_secret};
use crate::words::quoted;
use model::{Practice, Severity};
use std::collections::BTreeMap;

pub(crate) const RULE: Rule = Rule {
    code: "PL208",
    name: "secret-in-build-argument",
    practice: Practice::Layers,
    severity: Severity::High,
    summary: "the image's history holds the value of a build argument with a secret's name",
    why: "A build argument that is set while a `RUN` executes is written with its value into the image's history, \
          where `docker history --no-trunc` shows it to everyone who can pull the image.",
    remedy: "Rotate the secret, and give it to the build with `RUN --mount=type=secret` instead of `ARG`.",
    example: r"ARG NPM_TOKEN
RUN npm ci                                         # breaks the rule if the token is given

RUN --mount=type=secret,id=npm,env=NPM_TOKEN npm ci   # does not",
    aliases: &["DL3064", "SecretsUsedInArgOrEnv", "DS-0031"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let config = evidence.needs_config()?;
    let mut steps: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, step) in config.history.iter().enumerate() {
        let Some(arguments) = history::arguments(&step.created_by) else { continue };
        for (name, value) in arguments.pairs {
            if is_secret(name) && !is_harmless(value) {
                steps.entry(name).or_default().push(number + 1);
            }
        }
    }
    Ok(steps.into_iter().take(MOST_HITS).map(|(name, numbers)| hit(name, &numbers, config.history.len())).collect())
}

fn hit(name: &str, steps: &[usize], of: usize) -> Hit {
    Hit::new(
        format!("the value of the build argument {} is in the image's history", quoted(name)),
        format!(
            "step {} of {of} in the history gives {} a value, which is not shown here",
            crate::words::listed(steps.iter()),
            quoted(name)
        ),
        format!("rotate it, and replace `ARG {}` by `RUN --mount=type=secret`", crate::words::clipped(name)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn said(entry: &str) -> String {
        let mut bench = Bench::good();
        bench.config().history[2].created_by = entry.to_owned();
        bench.said(check)
    }

    #[test]
    fn the_name_is_shown_and_the_value_never() {
        insta::assert_snapshot!(said("RUN |2 A=1 NPM_TOKEN=hunter2 /bin/sh -c npm ci # buildkit"), @"
        the value of the build argument `NPM_TOKEN` is in the image's history
          proof: step 3 of 4 in the history gives `NPM_TOKEN` a value, which is not shown here
          remedy: rotate it, and replace `ARG NPM_TOKEN` by `RUN --mount=type=secret`
        ");
    }

    #[test]
    fn other_arguments_and_commands_pass() {
        assert_eq!(said("RUN |2 VERSION=1 NPM_TOKEN= /bin/sh -c npm ci"), "");
        assert_eq!(said("RUN /bin/sh -c TOKEN=x npm ci"), "");
    }
}
