//! PL206: the image starts as root.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL206",
    name: "root-user",
    practice: Practice::Layers,
    severity: Severity::Medium,
    summary: "the container runs as root unless its user is set at the start",
    why: "A process that runs as root may change every file of its container, and a fault in the container's borders \
          makes it root on the host. Base images leave the user at root so that the next build can install; the image \
          that is deployed should end with another one. Windows images are not judged.",
    remedy: "End the Dockerfile with `USER` and a numeric id that is not 0.",
    example: r#"FROM node:20-slim
CMD ["node", "server.js"]    # breaks the rule

FROM node:20-slim
USER node                     # does not
CMD ["node", "server.js"]"#,
    aliases: &["DL3002", "CIS-DI-0001", "DS-0002"],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let config = evidence.needs_config()?;
    let user = config.config.user.trim();
    let name = user.split(':').next().unwrap_or_default();
    let users = evidence.facts.map_or(&[][..], |f| &f.users);
    if config.os == "windows" || !is_root(name, users) {
        return Ok(Vec::new());
    }
    let proof = match name {
        "" => "the image config sets no user, which means root".to_owned(),
        _ if name.bytes().all(|b| b.is_ascii_digit()) || name == "root" => {
            format!("the image config sets the user to {}", quoted(user))
        }
        _ => format!("the image config sets the user to {}, which /etc/passwd gives the id 0", quoted(user)),
    };
    Ok(vec![Hit::new("the image runs as root".to_owned(), proof, remedy(users))])
}

fn is_root(name: &str, users: &[(String, u32)]) -> bool {
    match name.parse::<u64>() {
        Ok(id) => id == 0,
        Err(_) if name.is_empty() => true,
        Err(_) => users.iter().find(|(n, _)| n == name).map_or(name == "root", |(_, id)| *id == 0),
    }
}

/// Ordinary users begin at 1000; 65532 is distroless images' `nonroot`. 65534 is `nobody`, who owns too much.
fn remedy(users: &[(String, u32)]) -> String {
    match users.iter().find(|(_, id)| (1000..65534).contains(id)) {
        Some((name, id)) => format!("end the Dockerfile with `USER {id}`: the image has the user {}", quoted(name)),
        None => "add a user and end the Dockerfile with `USER` and its numeric id".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn count(user: &str) -> usize {
        let mut bench = Bench::good();
        bench.config().config.user = user.to_owned();
        bench.hits(check).len()
    }

    #[test]
    fn root_by_any_name() {
        for user in ["", "root", "0", "0:0", "root:node", "00", "toor", ":1000"] {
            assert_eq!(count(user), 1, "{user}");
        }
        for user in ["node", "1000", "1000:0", "stranger", "65532"] {
            assert_eq!(count(user), 0, "{user}");
        }
    }

    #[test]
    fn it_knows_who_else_is_there() {
        let mut bench = Bench::good();
        bench.config().config.user.clear();
        insta::assert_snapshot!(bench.said(check), @"
        the image runs as root
          proof: the image config sets no user, which means root
          remedy: end the Dockerfile with `USER 1000`: the image has the user `node`
        ");
    }

    #[test]
    fn windows_is_not_judged() {
        let mut bench = Bench::good();
        bench.config().config.user.clear();
        bench.config().os = "windows".to_owned();
        assert!(bench.hits(check).is_empty());
    }
}
