//! Texts made by chance: pinned, everything but the digests is as it was.

use crate::{digest, pinned};
use proptest::prelude::*;
use sources::{Grammar, Kind};

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}(/[a-z]{1,5})?(:[0-9]{1,2}(\\.[0-9])?)?",
        "[a-z]{1,6}:\\$\\{T:-[0-9]{1,2}\\}",
        "\\$\\{I:-[a-z]{1,5}\\}",
        Just("$V".to_owned()),
    ]
}

/// A value, bare or quoted; in a flow map a brace has to be quoted.
fn quoted(value: &str, quotes: u8, flow: bool) -> String {
    match quotes {
        0 if !(flow && value.contains('{')) => value.to_owned(),
        1 => format!("'{value}'"),
        _ => format!("\"{value}\""),
    }
}

fn compose() -> impl Strategy<Value = String> {
    let comment = prop_oneof![Just(String::new()), Just("  # ä \"c\"".to_owned())];
    let service =
        (value(), 0..3u8, comment, any::<bool>(), any::<bool>()).prop_map(|(image, quotes, comment, build, flow)| {
            let image = quoted(&image, quotes, flow);
            let built = if build { "build: ." } else { "init: true" };
            match flow {
                true => format!(" {{image: {image}, {built}}}{comment}\n"),
                false => format!("{comment}\n    image: {image}{comment}\n    {built}\n"),
            }
        });
    (prop::collection::vec(service, 1..6), any::<bool>(), any::<bool>()).prop_map(|(services, windows, mark)| {
        let mut text = "# ü\nservices:\n".to_owned();
        for (n, service) in services.iter().enumerate() {
            text.push_str(&format!("  s{n}:{service}"));
        }
        let text = if windows { text.replace('\n', "\r\n") } else { text };
        if mark { format!("\u{feff}{text}") } else { text }
    })
}

proptest! {
    #[test]
    fn taking_the_digests_out_gives_the_text_back(text in compose()) {
        let grammar = Grammar::Kind(Kind::Compose);
        let after = pinned(&grammar, &text);
        let back = after.replace(&format!("@{}", digest()), "").replace(":latest", "");
        prop_assert_eq!(back, text.replace(":latest", ""));
        prop_assert_eq!(pinned(&grammar, &after), after);
    }

    #[test]
    fn any_text_gives_mentions_at_their_bytes(text in "[a-z{}\\[\\]:,&*<>|#\"' \n-]{0,80}") {
        for kind in [Kind::Compose, Kind::Kubernetes, Kind::HelmValues, Kind::GitlabCi, Kind::Workflow, Kind::Devcontainer, Kind::Terraform] {
            for mention in sources::find(kind, &text).unwrap_or_default() {
                prop_assert!(text.get(mention.span.range()).is_some());
                if let Some(edit) = mention.pin(&digest()) {
                    prop_assert!(text.is_char_boundary(edit.span.start) && edit.span.end <= text.len());
                }
            }
        }
    }
}
