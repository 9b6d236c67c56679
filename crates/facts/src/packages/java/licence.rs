//! `Bundle-License` (OSGi Core 8, 3.2.1.1): a list of names or addresses, each with attributes behind `;`.

use model::Licence;

/// Addresses that stand for one licence beyond doubt, without scheme and `www.`.
const ADDRESSES: &[(&str, &str)] = &[
    ("apache.org/licenses/license-2.0", "Apache-2.0"),
    ("opensource.org/licenses/apache-2.0", "Apache-2.0"),
    ("opensource.org/licenses/mit-license", "MIT"),
    ("opensource.org/licenses/mit", "MIT"),
    ("opensource.org/licenses/bsd-3-clause", "BSD-3-Clause"),
    ("eclipse.org/legal/epl-2.0", "EPL-2.0"),
    ("eclipse.org/legal/epl-v20", "EPL-2.0"),
    ("eclipse.org/legal/epl-v10", "EPL-1.0"),
    ("gnu.org/licenses/old-licenses/lgpl-2.1", "LGPL-2.1-only"),
];

/// The words as stated; an expression only if there is one licence, since a list does not say *and* or *or*.
pub(super) fn read(header: &str) -> Licence {
    let mut stated: Vec<String> = Vec::new();
    for part in header.split(',') {
        let word = part.split(';').next().unwrap_or_default().trim().trim_matches('"').trim();
        if !word.is_empty() && word != "<<EXTERNAL>>" && !stated.iter().any(|s| s == word) {
            stated.push(word.to_owned());
        }
    }
    let expression = if let [one] = stated.as_slice() { expression(one) } else { None };
    Licence { expression, stated }
}

fn expression(word: &str) -> Option<String> {
    let lower = word.to_ascii_lowercase();
    let bare = lower.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    let bare = bare.trim_end_matches(['/']).trim_end_matches(".txt").trim_end_matches(".html").trim_end_matches(".php");
    let by_address = ADDRESSES.iter().find(|(address, _)| *address == bare).map(|(_, id)| (*id).to_owned());
    by_address.or_else(|| spdx::Expression::parse(word).ok().map(|_| word.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expression: Option<&str>, stated: &[&str]) {
        let licence = read(header);
        assert_eq!(
            (licence.expression.as_deref(), licence.stated),
            (expression, stated.iter().map(|s| (*s).to_owned()).collect())
        );
    }

    #[test]
    fn headers_of_real_jars() {
        let apache = "https://www.apache.org/licenses/LICENSE-2.0.txt";
        check(apache, Some("Apache-2.0"), &[apache]);
        let mit = "http://www.opensource.org/licenses/mit-license.php";
        check(mit, Some("MIT"), &[mit]);
        check("\"Apache-2.0\";link=\"https://x\"", Some("Apache-2.0"), &["Apache-2.0"]);
        check("EPL-2.0, Apache-2.0", None, &["EPL-2.0", "Apache-2.0"]);
        check("The Licence of Nobody", None, &["The Licence of Nobody"]);
        check("", None, &[]);
    }
}
