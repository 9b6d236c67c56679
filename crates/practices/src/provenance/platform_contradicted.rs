//! PL713: the index says another platform than the image itself.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::oci::Descriptor;
use model::{Platform, Practice, Severity, Subject};

pub(crate) const RULE: Rule = Rule {
    code: "PL713",
    name: "platform-contradicted",
    practice: Practice::Provenance,
    severity: Severity::Medium,
    summary: "the index offers the image for another platform than its config states",
    why: "An engine picks an image by what the index says, and runs what the layers hold. Where the two differ, nodes of \
          one platform get programs of another (`exec format error`), or a scan of one platform judges the image of \
          another. Systems and processors are compared, variants are not, since many builders leave them out.",
    remedy: "Make the index again from images that were built for its platforms.",
    example: "docker manifest annotate my-api:1.4.2 my-api:1.4.2-amd64 --arch arm64   # breaks the rule",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let config = evidence.needs_config()?;
    let (Some(index), Some(Subject::Manifest(digest))) = (evidence.index, evidence.subject) else {
        return Ok(Vec::new());
    };
    let own = config.platform();
    let of = |child: &&Descriptor| child.digest == digest;
    let stated = index.manifests.iter().filter(of).filter_map(|child| child.platform.as_ref());
    Ok(stated.filter(|stated| differ(stated, &own)).take(1).map(|stated| hit(stated, &own)).collect())
}

/// An empty word and `unknown` (of attestations) state nothing.
fn differ(a: &Platform, b: &Platform) -> bool {
    let states = |word: &str| !word.is_empty() && word != "unknown";
    let differ = |a: &str, b: &str| states(a) && states(b) && a != b;
    differ(&a.os, &b.os) || differ(&a.architecture, &b.architecture)
}

fn hit(stated: &Platform, own: &Platform) -> Hit {
    let words = |p: &Platform| quoted(&format!("{}/{}", p.os, p.architecture));
    Hit::new(
        "the index offers the image for another platform than its config states".to_owned(),
        format!("the index says {}, the image's config says {}", words(stated), words(own)),
        "make the index again from images that were built for its platforms".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use model::Digest;
    use model::oci::Document;

    fn said(children: &[(&str, &str)]) -> String {
        let mut bench = Bench::good();
        let child = |(name, platform): &(&str, &str)| {
            format!(r#"{{"mediaType":"m","digest":"{}","size":1,"platform":{platform}}}"#, Digest::of(name.as_bytes()))
        };
        let children: Vec<String> = children.iter().map(child).collect();
        let raw = format!(r#"{{"manifests":[{}]}}"#, children.join(","));
        let Ok(Document::Index(index)) = Document::parse(raw.as_bytes(), None) else { panic!("{raw}") };
        bench.index = Some(index);
        bench.said(check)
    }

    #[test]
    fn another_processor_or_system_breaks_it() {
        insta::assert_snapshot!(said(&[("my-api", r#"{"os":"linux","architecture":"arm64"}"#)]), @"
        the index offers the image for another platform than its config states
          proof: the index says `linux/arm64`, the image's config says `linux/amd64`
          remedy: make the index again from images that were built for its platforms
        ");
        assert!(said(&[("my-api", r#"{"os":"windows","architecture":"amd64"}"#)]).contains("`windows/amd64`"));
        assert!(said(&[("my-api", r#"{"os":"linux","architecture":"a\u001b"}"#)]).contains(r"linux/a\x1b"));
    }

    #[test]
    fn the_same_platform_and_other_children_pass() {
        for platform in [
            r#"{"os":"linux","architecture":"amd64"}"#,
            r#"{"os":"linux","architecture":"amd64","variant":"v2"}"#,
            r#"{"os":"unknown","architecture":"unknown"}"#,
            r#"{"os":"","architecture":""}"#,
            "null",
        ] {
            assert_eq!(said(&[("my-api", platform)]), "", "{platform}");
        }
        assert_eq!(said(&[("another", r#"{"os":"linux","architecture":"arm64"}"#)]), "");
        assert!(Bench::good().hits(check).is_empty());
    }
}
