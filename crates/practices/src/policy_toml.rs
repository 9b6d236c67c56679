//! `plimsoll.toml` to a [`Policy`].
//!
//! Strict on purpose: a policy that is misspelt must not quietly check less. Every error has its line and column,
//! and where a word was probably meant, that word.

#[path = "policy_asks.rs"]
mod asks;
#[path = "policy_scanning.rs"]
mod scanning;
#[path = "policy_signatures.rs"]
mod who_signs;

use crate::policy::{ImageRules, Level, PinPolicy, Policy, RegistryAccess, TextPattern};
use crate::rule::{self, RULES};
use crate::waste::Budget;
use globset::GlobBuilder;
use model::{Practice, Severity};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Why a text is no policy, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// What is wrong.
    pub problem: PolicyProblem,
    /// What was probably meant, or what is possible.
    pub hint: Option<String>,
}

/// What is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyProblem {
    /// Not TOML.
    #[error("not valid TOML: {0}")]
    Toml(String),
    /// A key that means nothing.
    #[error("unknown key `{0}`")]
    Key(String),
    /// Neither a rule's code nor its name.
    #[error("unknown rule `{0}`")]
    Rule(String),
    /// The same rule by its code and by its name.
    #[error("rule `{0}` is set twice, by its code and by its name")]
    RuleTwice(&'static str),
    /// Not a level.
    #[error("unknown level `{0}`")]
    Level(String),
    /// Not a practice.
    #[error("unknown practice `{0}`")]
    Practice(String),
    /// Not a shape of labels.
    #[error("unknown shape `{0}`")]
    Shape(String),
    /// Not a budget of waste.
    #[error("`{0}` is no amount of waste")]
    Budget(String),
    /// Not a glob.
    #[error("bad pattern: {0}")]
    Pattern(String),
    /// A key that must be there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A text that must say something.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// Not what a decision may say here.
    #[error("{0}")]
    Decision(String),
    /// A term that is none.
    #[error("a number of days is expected, from 1 to 36500")]
    Days,
    /// A value of another type.
    #[error("expected {wanted}, found {found}")]
    Type {
        /// What should stand there.
        wanted: &'static str,
        /// TOML's word for what does.
        found: &'static str,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.problem)
    }
}

impl std::error::Error for PolicyError {}

const KEYS: [&str; 13] = [
    "fail-on",
    "require",
    "coverage-blocks",
    "rules",
    "images",
    "ledger",
    "registries",
    "pin",
    "layers",
    "base",
    "provenance",
    "signatures",
    "scanning",
];
const LEVELS: [&str; 6] = ["off", "info", "low", "medium", "high", "critical"];

/// A problem that does not know its line yet.
pub(crate) struct Fault {
    pub(crate) at: Range<usize>,
    pub(crate) problem: PolicyProblem,
    pub(crate) hint: Option<String>,
}

pub(crate) type Read<T> = Result<T, Fault>;
pub(crate) type Value<'a> = Spanned<DeValue<'a>>;

pub(crate) fn parse(text: &str) -> Result<Policy, PolicyError> {
    read(text).map_err(|fault| located(text, fault))
}

/// A problem with its line and column in `text`.
pub(crate) fn located(text: &str, fault: Fault) -> PolicyError {
    let (line, column) = position(text, fault.at.start);
    PolicyError { line, column, problem: fault.problem, hint: fault.hint }
}

/// A text as TOML.
pub(crate) fn document(text: &str) -> Read<Spanned<DeTable<'_>>> {
    DeTable::parse(text).map_err(|e| {
        let problem = PolicyProblem::Toml(model::escaped(e.message()).into_owned());
        Fault { at: e.span().unwrap_or(0..0), problem, hint: None }
    })
}

fn read(text: &str) -> Read<Policy> {
    let document = document(text)?;
    let mut policy = Policy::default();
    for (key, value) in document.get_ref() {
        match key.get_ref().as_ref() {
            "fail-on" => policy.fail_on = severity(value)?,
            "require" => policy.require = array(value)?.iter().map(practice).collect::<Read<_>>()?,
            "coverage-blocks" => policy.coverage_blocks = boolean(value)?,
            "rules" => policy.rules = rules(value)?,
            "images" => policy.images = array(value)?.iter().map(image).collect::<Read<_>>()?,
            "pin" => policy.pin = pin(value)?,
            "layers" => policy.max_waste = max_waste(value)?,
            "scanning" => policy.scanning = scanning::scanning(value)?,
            "base" => policy.asks.trusted_registries = asks::trusted(value)?,
            "provenance" => asks::labels(value, &mut policy.asks)?,
            "ledger" => ledger(value, &mut policy)?,
            "signatures" => policy.signatures = array(value)?.iter().map(who_signs::signatures).collect::<Read<_>>()?,
            "registries" => policy.registries = array(value)?.iter().map(registry).collect::<Read<_>>()?,
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &KEYS)),
        }
    }
    Ok(policy)
}

fn ledger(value: &Value<'_>, policy: &mut Policy) -> Read<()> {
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "url" => policy.ledger = Some(string(value)?.to_owned()),
            "keep-days" => policy.keep_days = days(value)?,
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &["url", "keep-days"])),
        }
    }
    Ok(())
}

/// A whole number of days, at least one.
fn days(value: &Value<'_>) -> Read<u32> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok().filter(|days| (1..=36_500).contains(days)),
        _ => None,
    };
    number.ok_or_else(|| Fault { at: value.span(), problem: PolicyProblem::Days, hint: None })
}

fn max_waste(value: &Value<'_>) -> Read<Option<Budget>> {
    let mut most = None;
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "max-waste" => {
                let budget = string(value)?.parse::<Budget>();
                most = Some(budget.map_err(|error| {
                    let problem = PolicyProblem::Budget(model::escaped(string(value).unwrap_or_default()).into_owned());
                    Fault { at: value.span(), problem, hint: Some(error.to_string()) }
                })?);
            }
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &["max-waste"])),
        }
    }
    Ok(most)
}

fn registry(value: &Value<'_>) -> Read<RegistryAccess> {
    let mut found = RegistryAccess::default();
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "host" => found.host = host(value)?,
            "mirrors" => {
                let mirrors = array(value)?.iter().map(host);
                found.mirrors = mirrors.collect::<Read<_>>()?;
            }
            "by-digest-only" => found.by_digest_only = boolean(value)?,
            "insecure" => found.insecure = boolean(value)?,
            "ca" => found.ca = Some(string(value)?.to_owned()),
            other => {
                let known = ["host", "mirrors", "by-digest-only", "insecure", "ca"];
                return Err(unknown(key.span(), other, PolicyProblem::Key, &known));
            }
        }
    }
    if found.host.is_empty() {
        return Err(Fault { at: value.span(), problem: PolicyProblem::Missing("host"), hint: None });
    }
    Ok(found)
}

/// A registry's host, with its port. Docker's own settings write addresses there; as a host such a one would reach
/// nobody, and a mirror that does not answer is passed over.
fn host(value: &Value<'_>) -> Read<String> {
    let text = string(value)?;
    let odd = text.contains("://") || text.chars().any(|c| c.is_whitespace() || c.is_control());
    if odd {
        Err(wrong_type(value, "a host such as `mirror.corp:5000`, without `https://`"))
    } else {
        Ok(text.to_owned())
    }
}

fn rules(value: &Value<'_>) -> Read<BTreeMap<&'static str, Level>> {
    let mut levels = BTreeMap::new();
    for (key, value) in table(value)? {
        let typed = key.get_ref().as_ref();
        let Some(rule) = rule::find(typed) else {
            let names: Vec<&str> = RULES.iter().flat_map(|r| [r.code, r.name]).collect();
            return Err(unknown(key.span(), typed, PolicyProblem::Rule, &names));
        };
        if levels.insert(rule.code, level(value)?).is_some() {
            return Err(Fault { at: key.span(), problem: PolicyProblem::RuleTwice(rule.code), hint: None });
        }
    }
    Ok(levels)
}

fn image(value: &Value<'_>) -> Read<ImageRules> {
    let mut pattern = None;
    let mut levels = BTreeMap::new();
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "pattern" => pattern = Some(glob(value)?),
            "rules" => levels = rules(value)?,
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &["pattern", "rules"])),
        }
    }
    let missing = || Fault { at: value.span(), problem: PolicyProblem::Missing("pattern"), hint: None };
    Ok(ImageRules { pattern: pattern.ok_or_else(missing)?, rules: levels })
}

fn pin(value: &Value<'_>) -> Read<PinPolicy> {
    let mut policy = PinPolicy::default();
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "own" => policy.own = array(value)?.iter().map(glob).collect::<Read<_>>()?,
            "patterns" => policy.patterns = array(value)?.iter().map(pattern).collect::<Read<_>>()?,
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &["own", "patterns"])),
        }
    }
    Ok(policy)
}

fn pattern(value: &Value<'_>) -> Read<TextPattern> {
    let (mut files, mut image) = (None, None);
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "files" => files = Some(glob(value)?),
            "image" => {
                let built = sources::Pattern::parse(string(value)?);
                image = Some(built.map_err(|e| {
                    let problem = PolicyProblem::Pattern(e.to_string());
                    Fault { at: value.span(), problem, hint: None }
                })?);
            }
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &["files", "image"])),
        }
    }
    let missing = |what| Fault { at: value.span(), problem: PolicyProblem::Missing(what), hint: None };
    Ok(TextPattern { files: files.ok_or_else(|| missing("files"))?, pattern: image.ok_or_else(|| missing("image"))? })
}

pub(crate) fn glob(value: &Value<'_>) -> Read<globset::GlobMatcher> {
    let built = GlobBuilder::new(string(value)?).literal_separator(true).build();
    built.map(|g| g.compile_matcher()).map_err(|e| {
        let problem = PolicyProblem::Pattern(model::escaped(&e.to_string()).into_owned());
        Fault { at: value.span(), problem, hint: None }
    })
}

fn level(value: &Value<'_>) -> Read<Level> {
    match string(value)? {
        "off" => Ok(Level::Off),
        text => {
            severity_word(text).map(Level::At).ok_or_else(|| unknown(value.span(), text, PolicyProblem::Level, &LEVELS))
        }
    }
}

fn severity(value: &Value<'_>) -> Read<Severity> {
    let text = string(value)?;
    severity_word(text).ok_or_else(|| unknown(value.span(), text, PolicyProblem::Level, &LEVELS[1..]))
}

fn severity_word(text: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|s| s.word() == text)
}

fn practice(value: &Value<'_>) -> Read<Practice> {
    let text = string(value)?;
    let words = Practice::ALL.map(Practice::word);
    let found = Practice::ALL.into_iter().find(|p| p.word() == text);
    found.ok_or_else(|| unknown(value.span(), text, PolicyProblem::Practice, &words))
}

pub(crate) fn string<'v>(value: &'v Value<'_>) -> Read<&'v str> {
    value.get_ref().as_str().ok_or_else(|| wrong_type(value, "a string"))
}

fn boolean(value: &Value<'_>) -> Read<bool> {
    value.get_ref().as_bool().ok_or_else(|| wrong_type(value, "`true` or `false`"))
}

pub(crate) fn array<'v, 'a>(value: &'v Value<'a>) -> Read<&'v [Value<'a>]> {
    value.get_ref().as_array().map(|a| &a[..]).ok_or_else(|| wrong_type(value, "an array"))
}

pub(crate) fn table<'v, 'a>(value: &'v Value<'a>) -> Read<&'v DeTable<'a>> {
    value.get_ref().as_table().ok_or_else(|| wrong_type(value, "a table"))
}

pub(crate) fn wrong_type(value: &Value<'_>, wanted: &'static str) -> Fault {
    let problem = PolicyProblem::Type { wanted, found: value.get_ref().type_str() };
    Fault { at: value.span(), problem, hint: None }
}

pub(crate) fn unknown(at: Range<usize>, typed: &str, problem: fn(String) -> PolicyProblem, possible: &[&str]) -> Fault {
    let hint = match nearest(typed, possible) {
        Some(word) => Some(format!("did you mean `{word}`?")),
        None if possible.len() <= 12 => Some(format!("possible are {}", possible.join(", "))),
        None => None,
    };
    Fault { at, problem: problem(crate::words::clipped(typed)), hint }
}

/// The possible word that takes the fewest changes, if they are few for its length.
fn nearest<'p>(typed: &str, possible: &[&'p str]) -> Option<&'p str> {
    if typed.len() > 64 {
        return None;
    }
    let lower = typed.to_ascii_lowercase();
    let ranked = possible.iter().map(|word| (changes(&lower, &word.to_ascii_lowercase()), *word));
    ranked.min().filter(|(n, word)| *n <= allowed(word)).map(|(_, word)| word)
}

/// A third of a word may be wrong; in a code only one character, since all codes look alike.
fn allowed(word: &str) -> usize {
    if word.bytes().any(|b| b.is_ascii_digit()) { 1 } else { word.len().div_ceil(3) }
}

/// The edit distance of two short texts.
fn changes(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Line and column of a byte, from 1.
pub(crate) fn position(text: &str, byte: usize) -> (u32, u32) {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let before = &text[..byte];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = match parse(text) {
            Ok(policy) => format!("{:?} {:?} {:?}", policy.fail_on, policy.rules, policy.require),
            Err(e) => format!("{e}{}", e.hint.as_ref().map(|h| format!(" ({h})")).unwrap_or_default()),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn reads_a_policy() {
        check("", "High {} []");
        check("fail-on = \"low\"\nrequire = [\"tagging\"]", "Low {} [Tagging]");
        check("[rules]\nPL102 = \"critical\"\nno-tag = \"off\"", "High {\"PL101\": Off, \"PL102\": At(Critical)} []");
    }

    #[test]
    fn images_match_by_pattern() {
        let policy = parse("[[images]]\npattern = \"docker.io/library/*\"\nrules = { PL206 = \"off\" }").unwrap();
        let pattern = &policy.images[0].pattern;
        assert!(pattern.is_match("docker.io/library/node") && !pattern.is_match("docker.io/library/a/b"));
    }

    #[test]
    fn registries_have_a_host() {
        let text = "[[registries]]\nhost = \"docker.io\"\nmirrors = [\"m.corp:5000\", \"q.corp/hub\"]\n\
                    by-digest-only = true\n[[registries]]\nhost = \"r.corp\"\ninsecure = true\nca = \"ca.pem\"";
        let found = parse(text).unwrap().registries;
        assert_eq!((found[0].mirrors.len(), found[0].by_digest_only, found[0].insecure), (2, true, false));
        assert_eq!((found[1].insecure, found[1].ca.as_deref()), (true, Some("ca.pem")));
        check("[[registries]]\nmirrors = []", "line 1, column 1: `host` is missing");
        let address = "a host such as `mirror.corp:5000`, without `https://`";
        for text in
            ["host = \"https://r.corp\"", "host = \"r.corp\"\nmirrors = [\"http://m.corp\"]", "host = \"r corp\""]
        {
            let error = parse(&format!("[[registries]]\n{text}")).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.contains(address), "{text}: {error}");
        }
        check("[[registries]]\nhosts = \"a\"", "line 2, column 1: unknown key `hosts` (did you mean `host`?)");
    }

    #[test]
    fn errors_have_their_place_and_a_hint() {
        check("fail_on = \"low\"", "line 1, column 1: unknown key `fail_on` (did you mean `fail-on`?)");
        check("[rules]\nPL999 = \"off\"", "line 2, column 1: unknown rule `PL999`");
        check(
            "[rules]\nmutable-tags = \"off\"",
            "line 2, column 1: unknown rule `mutable-tags` (did you mean `mutable-tag`?)",
        );
        check("[rules]\n  PL102 = \"hgih\"", "line 2, column 11: unknown level `hgih` (did you mean `high`?)");
        check("[rules]\nPL102 = \"hig\"", "line 2, column 9: unknown level `hig` (did you mean `high`?)");
        check(
            "fail-on = \"off\"",
            "line 1, column 11: unknown level `off` (possible are info, low, medium, high, critical)",
        );
        check("fail-on = 3", "line 1, column 11: expected a string, found integer");
        check("require = [\"taging\"]", "line 1, column 12: unknown practice `taging` (did you mean `tagging`?)");
        check(
            "[rules]\nPL102 = \"low\"\nmutable-tag = \"low\"",
            "line 3, column 1: rule `PL102` is set twice, by its code and by its name",
        );
        check("[[images]]\nrules = {}", "line 1, column 1: `pattern` is missing");
        check(
            "[[images]]\npattern = \"[\"",
            "line 2, column 11: bad pattern: error parsing glob '[': unclosed character class; missing ']'",
        );
    }

    #[test]
    fn own_images_and_patterns() {
        let text = "[pin]\nown = [\"r.example/team/**\", \"app\"]\n[[pin.patterns]]\nfiles = \"**/*.container\"\nimage = '^Image=(?<image>\\S+)'";
        let pin = parse(text).unwrap().pin;
        let own = |name: &str| pin.is_own(&name.parse().unwrap());
        assert!(own("r.example/team/a/b:1") && own("app") && own("app:1.4") && !own("other/app") && !own("nginx"));
        assert!(pin.pattern("a/b.container").is_some() && pin.pattern("b.container").is_some());
        assert!(pin.pattern("a.service").is_none());
        check("[pin]\nonw = []", "line 2, column 1: unknown key `onw` (possible are own, patterns)");
        check("[[pin.patterns]]\nfiles = \"x\"", "line 1, column 1: `image` is missing");
        check(
            "[[pin.patterns]]\nimage = \"x\"",
            "line 2, column 9: bad pattern: no group is named `image`: write `(?<image>…)` around the reference",
        );
    }

    #[test]
    fn text_that_is_no_toml_is_an_error() {
        for text in ["=", "a = ", "[rules", "\u{0}", "a = \"\u{1b}\""] {
            assert!(matches!(parse(text).unwrap_err().problem, PolicyProblem::Toml(_)), "{text:?}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error() {
        for text in [format!("a = {}", "[".repeat(100_000)), "a.".repeat(100_000), format!("[{}]", "a.".repeat(50_000))]
        {
            assert!(parse(&text).is_err());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_policy_or_an_error(text in r#"((fail-on|require|rules|images|PL102|no-tag|\[|\]|=|"|low|\n|\{|\}|,|é| ){1,3}){0,10}"#) {
            if let Err(error) = parse(&text) {
                proptest::prop_assert!(error.line >= 1 && error.column >= 1);
            }
        }
    }

    #[test]
    fn a_column_counts_characters() {
        assert_eq!(position("ä = 1\nöö x", 11), (2, 3));
    }
}
