//! PL205: a file that looks like a secret, in any layer.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, MOST_HITS, Rule};
use crate::words::clipped;
use facts::image::SecretTrace;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL205",
    name: "secret-file",
    practice: Practice::Layers,
    severity: Severity::High,
    summary: "a layer holds a file that looks like a secret, also if a later layer hides it",
    why: "Whoever can pull the image can read every layer of it, also files that a later layer deletes. A private key \
          or a credentials file in there is known to all of them; those two are critical. The value itself is never \
          read into a report.",
    remedy: "Rotate the secret first, since it is out. Then give it to the build with `RUN --mount=type=secret`, or to \
             the container when it runs.",
    example: r"COPY id_rsa /root/.ssh/id_rsa
RUN git clone … && rm /root/.ssh/id_rsa      # breaks the rule

RUN --mount=type=secret,id=key,target=/root/.ssh/id_rsa \
    git clone …                              # does not",
    aliases: &["CIS-DI-0010", "DS-0031"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    Ok(facts.secrets.iter().take(MOST_HITS).map(|s| hit(evidence, s)).collect())
}

fn hit(evidence: &Evidence<'_>, secret: &SecretTrace) -> Hit {
    let what = clipped(&secret.what);
    let hidden =
        secret.hidden_by.map(|layer| format!("; {} hides it and does not remove it", evidence.layer_words(layer)));
    let message = match hidden {
        Some(_) => format!("{} was removed in a later layer and is still in the image: {what}", secret.path),
        None => format!("{} looks like a secret: {what}", secret.path),
    };
    let proof = format!("{} holds the file{}", evidence.layer_words(secret.layer), hidden.unwrap_or_default());
    let remedy = "rotate it, then build again with `RUN --mount=type=secret` or hand it over when the container runs; \
                  deleting it in another layer is not enough";
    let hit = Hit::new(message, proof, remedy.to_owned()).at(&secret.path).in_layer(evidence.layer(secret.layer));
    match secret.what.as_str() {
        // Whoever installs the package has it already; that it is used for nothing remains to be seen.
        what if what.starts_with("key published") => hit.as_bad_as(Severity::Low),
        what if is_worst(what) => hit.as_bad_as(Severity::Critical),
        _ => hit,
    }
}

fn is_worst(what: &str) -> bool {
    let what = what.to_ascii_lowercase();
    what.contains("private key") || what.contains("credentials")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Bench, tree_path};

    fn bench(what: &str, hidden_by: Option<u32>) -> Bench {
        let mut bench = Bench::good();
        let path = tree_path("root/.ssh/id_rsa");
        bench.facts.secrets.push(SecretTrace { path, layer: 1, hidden_by, what: what.to_owned() });
        bench
    }

    #[test]
    fn a_visible_one() {
        let hits = bench("npm token", None).hits(check);
        assert_eq!(hits[0].message, "/root/.ssh/id_rsa looks like a secret: npm token");
        assert_eq!(hits[0].severity, None);
    }

    #[test]
    fn a_hidden_one_is_still_there() {
        insta::assert_snapshot!(bench("PEM private key", Some(2)).said(check), @"
        [critical] /root/.ssh/id_rsa was removed in a later layer and is still in the image: PEM private key
          proof: layer 2 of 3 (`RUN apt-get update && apt-get install -y curl ca-certificates && rm -rf /var/lib/apt/lists/*`) holds the file; layer 3 of 3 (`COPY . /app`) hides it and does not remove it
          remedy: rotate it, then build again with `RUN --mount=type=secret` or hand it over when the container runs; deleting it in another layer is not enough
        ");
    }

    #[test]
    fn one_that_everybody_can_install_is_mild() {
        let hits = bench("key published with an installed package, whose file it is", None).hits(check);
        assert_eq!(hits[0].severity, Some(Severity::Low));
        assert_eq!(bench("private key", None).hits(check)[0].severity, Some(Severity::Critical));
    }

    #[test]
    fn none_is_none() {
        assert!(Bench::good().hits(check).is_empty());
    }
}
