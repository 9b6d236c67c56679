//! PL207: a secret in the image's environment.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, MOST_HITS, Rule};
use crate::secret_names::{is_harmless, is_secret};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL207",
    name: "secret-in-env",
    practice: Practice::Layers,
    severity: Severity::High,
    summary: "an environment variable with a secret's name has a value in the image",
    why: "`ENV` writes its value into the image config, which everyone who can pull the image can read, and which \
          every container and its child processes inherit. Names are compared word by word; switches, file names and \
          references to other variables are not taken for secrets.",
    remedy: "Rotate the secret, take it out of the Dockerfile, and set it when the container runs.",
    example: r"ENV API_TOKEN=abc123                  # breaks the rule
ENV API_TOKEN_FILE=/run/secrets/api   # does not",
    aliases: &["DL3064", "SecretsUsedInArgOrEnv", "CIS-DI-0010", "DS-0031"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let config = evidence.needs_config()?;
    let pairs = config.config.env.iter().filter_map(|e| e.split_once('='));
    let secrets = pairs.filter(|(name, value)| is_secret(name) && !is_harmless(value));
    Ok(secrets.take(MOST_HITS).map(|(name, _)| hit(name)).collect())
}

fn hit(name: &str) -> Hit {
    Hit::new(
        format!("the environment variable {} looks like a secret", quoted(name)),
        format!("the image config sets {} to a value, which is not shown here", quoted(name)),
        "rotate it, remove the `ENV`, and pass it when the container runs or mount it as a file".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn the_name_is_shown_and_the_value_never() {
        let mut bench = Bench::good();
        bench.env(&["DB_PASSWORD=hunter2"]);
        let said = bench.said(check);
        assert!(said.contains("`DB_PASSWORD`") && !said.contains("hunter2"), "{said}");
    }

    #[test]
    fn what_keeps_nothing_secret_passes() {
        let mut bench = Bench::good();
        bench.env(&[
            "GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568",
            "MYSQL_RANDOM_ROOT_PASSWORD=yes",
            "TOKEN=",
            "TOKEN",
            "PASSWORD_FILE=/run/x",
        ]);
        assert!(bench.hits(check).is_empty());
    }
}
