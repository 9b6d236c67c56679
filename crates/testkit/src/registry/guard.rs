//! Sign-in by tokens, as the distribution registry demands it: a token's text is the scopes that it stands for.

use super::Inside;
use crate::http::{Reply, Seen};

impl Inside {
    /// The token server's answer, or the refusal of a request that has no token for what it does.
    pub(super) fn guard(&self, seen: &Seen) -> Option<Reply> {
        let (user, password) = self.features.sign_in.as_ref()?;
        if seen.path == "/token" {
            let basic = format!("Basic {}", base64(format!("{user}:{password}").as_bytes()));
            return Some(if seen.header("authorization") == basic {
                self.grant(seen)
            } else {
                Reply::new(401).body(r#"{"details":"incorrect username or password"}"#)
            });
        }
        let needed = needed(seen)?;
        let token = seen.header("authorization").strip_prefix("Bearer ").unwrap_or_default();
        if allows(token, &needed) {
            return None;
        }
        let scope = format!("repository:{}:{}", needed.0, challenged(needed.1));
        let challenge = format!(r#"Bearer realm="http://{}/token",service="testkit",scope="{scope}""#, self.host);
        let reply = Reply::error(401, "UNAUTHORIZED", "authentication required");
        Some(reply.header("WWW-Authenticate", &challenge))
    }

    fn grant(&self, seen: &Seen) -> Reply {
        let pairs = seen.query.split('&').filter_map(|pair| pair.strip_prefix("scope="));
        let mut granted = Vec::new();
        for scope in pairs.flat_map(|value| decoded(value).split(' ').map(str::to_owned).collect::<Vec<_>>()) {
            let limited = self.features.read_only.as_ref().filter(|name| scope.contains(&format!(":{name}:")));
            granted.push(limited.map_or(scope, |name| format!("repository:{name}:pull")));
        }
        let token = granted.join("|");
        Reply::new(200).body(format!(r#"{{"token":"{token}","expires_in":300}}"#))
    }

    /// Whether the token of this request may read `repository`; all may where there is no sign-in.
    pub(super) fn may_read(&self, seen: &Seen, repository: &str) -> bool {
        let token = seen.header("authorization").strip_prefix("Bearer ").unwrap_or_default();
        self.features.sign_in.is_none() || allows(token, &(repository.to_owned(), "pull"))
    }
}

/// The repository and the action that a request needs a token for.
fn needed(seen: &Seen) -> Option<(String, &'static str)> {
    let rest = seen.path.strip_prefix("/v2/")?;
    let at = ["/manifests/", "/blobs/", "/tags/", "/referrers/"].iter().find_map(|word| rest.rfind(word))?;
    let action = match seen.method.as_str() {
        "GET" | "HEAD" => "pull",
        "DELETE" if !seen.path.contains("/blobs/uploads/") => "delete",
        _ => "push",
    };
    Some((rest[..at].to_owned(), action))
}

fn challenged(action: &str) -> &str {
    if action == "push" { "pull,push" } else { action }
}

fn allows(token: &str, (repository, action): &(String, &'static str)) -> bool {
    let prefix = format!("repository:{repository}:");
    let actions = token.split('|').filter_map(|scope| scope.strip_prefix(&prefix));
    actions.into_iter().any(|list| list.split(',').any(|one| one == *action))
}

fn decoded(text: &str) -> String {
    text.replace("%3A", ":").replace("%2C", ",").replace("%2F", "/").replace(['+'], " ").replace("%20", " ")
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let word = (0..3).fold(0u32, |word, at| (word << 8) | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let sign = SIGNS[(word >> (18 - 6 * at)) as usize & 63] as char;
            out.push(if at <= three.len() { sign } else { '=' });
        }
    }
    out
}
