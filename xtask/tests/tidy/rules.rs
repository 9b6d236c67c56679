//! The page of rules says what the rules say, and no id of another program is forgotten.

use crate::{none, read, root};
use practices::mistakes::peers::{Here, PEERS, here};
use practices::mistakes::rules_page;

#[test]
fn the_page_of_rules_is_up_to_date() {
    let committed = read(&root().join("docs/rules.md"));
    assert!(committed == rules_page(), "docs/rules.md is stale: run `cargo xtask rules`");
}

#[test]
fn every_id_of_a_peer_has_a_rule_or_a_reason() {
    let ids = || PEERS.iter().flat_map(|peer| peer.ids.iter().map(move |id| (peer.name, *id)));
    let forgotten = ids().filter(|(_, id)| matches!(here(id), Here::Forgotten));
    none(
        &forgotten
            .map(|(peer, id)| format!("{peer}'s {id} has neither a rule nor a reason in peers.rs"))
            .collect::<Vec<_>>(),
    );
    assert_eq!(ids().count(), 72 + 22 + 29 + 20, "the list of ids is whole");
}

#[test]
fn every_alias_is_an_id_that_is_listed() {
    // Ids about Kubernetes' texts are other lists of their programs.
    let kubernetes = |alias: &str| alias.starts_with("KSV-") || alias.starts_with("CKV_");
    let listed = |alias: &str| kubernetes(alias) || PEERS.iter().any(|peer| peer.ids.contains(&alias));
    let aliases = practices::RULES.iter().flat_map(|rule| rule.aliases.iter().map(move |alias| (rule.code, *alias)));
    none(
        &aliases
            .filter(|(_, alias)| !listed(alias))
            .map(|(code, alias)| format!("{code}: who says {alias}?"))
            .collect::<Vec<_>>(),
    );
}
