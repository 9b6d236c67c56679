//! A signature in words.

use super::verify_text::short;
use crate::ops::signing::Signed;
use crate::printer::Tone;
use model::escaped;

/// What was said of what, by which key.
pub(crate) fn write(signed: &Signed) -> String {
    format!(
        "{} {}\n  manifest   {}\n  says       {}\n  key        {}\n  bundle     {}\n",
        Tone::Good.set("signed"),
        escaped(signed.reference.as_typed()),
        signed.subject,
        short(&signed.predicate_type),
        signed.key.fingerprint(),
        signed.attachment,
    )
}
