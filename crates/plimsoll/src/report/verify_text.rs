//! Who signed an image, in words.

use crate::ops::signing::{Entry, Form, Mark, Verification};
use crate::printer::Tone;
use model::escaped;
use signing::COSIGN_SIGN;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Everything that is said of the image, what it is worth, and whether that is enough.
pub(crate) fn write(found: &Verification) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}\n  manifest {}", escaped(found.reference.as_typed()), found.subject);
    for entry in &found.entries {
        line(&mut out, entry);
    }
    if found.entries.is_empty() {
        let _ = writeln!(out, "  nothing is signed: neither bundles refer to it nor has cosign left tags");
    }
    let (met, missing): (Vec<_>, Vec<_>) = found.required.iter().partition(|required| required.met);
    let names = |of: &[&crate::ops::signing::Required]| {
        of.iter().map(|r| short(&r.predicate_type).into_owned()).collect::<Vec<_>>().join(", ")
    };
    let _ = match missing.is_empty() {
        true => writeln!(out, "{}: signed by a key that is trusted: {}", Tone::Good.set("pass"), names(&met)),
        false => {
            let no = "not signed by any key that is trusted";
            writeln!(out, "{}: {no}: {}", Tone::Bad.set("fail"), names(&missing))
        }
    };
    out
}

fn line(out: &mut String, entry: &Entry) {
    let (word, why): (_, Cow<'_, str>) = match &entry.mark {
        Mark::Verified { key, fingerprint } => {
            (Tone::Good.set("verified"), format!("by {} ({fingerprint})", escaped(key)).into())
        }
        Mark::Other => (Tone::Bad.set("other   "), "signed by a key that is trusted, about another image".into()),
        Mark::Stranger => (Tone::Warn.set("stranger"), "signed by none of the keys".into()),
        Mark::Keyless => {
            (Tone::Warn.set("keyless "), "a certificate's: not checked, for no root of trust is at hand".into())
        }
        Mark::Broken(why) => (Tone::Bad.set("broken  "), escaped(why)),
    };
    let kind = entry.predicate_type.as_deref().map_or(Cow::Borrowed("?"), short);
    let form = match entry.form {
        Form::Bundle => "",
        Form::SimpleSigning | Form::Envelope => " (under a tag, as cosign did before 3)",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  {word} {kind}{form}\n           {why}");
}

/// A predicate type for people.
pub(super) fn short(kind: &str) -> Cow<'_, str> {
    if kind == COSIGN_SIGN { "signature".into() } else { escaped(kind) }
}
