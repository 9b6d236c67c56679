//! One gemspec that RubyGems wrote (`Gem::Specification#to_ruby`): one statement a line.

use super::super::stated;
use super::literal::{text, texts};
use super::version;
use model::Licence;

/// What we use of a gemspec.
pub(super) struct Spec {
    /// The gem's name.
    pub(super) name: String,
    /// Its version.
    pub(super) version: String,
    /// The platform it was built for; `None` for plain Ruby.
    pub(super) platform: Option<String>,
    /// Any one of the licences listed.
    pub(super) licence: Licence,
    /// The authors, on one line.
    pub(super) authors: Option<String>,
    /// A link.
    pub(super) homepage: Option<String>,
    /// One line.
    pub(super) summary: Option<String>,
    /// Run-time dependencies, each name once.
    pub(super) needs: Vec<Need>,
}

/// A run-time dependency.
pub(super) struct Need {
    /// The gem needed.
    pub(super) name: String,
    /// `>= 1.2` and the like; all must hold.
    pub(super) requirements: Vec<String>,
}

/// Dependencies read of one gemspec.
const NEEDS: usize = 2_000;

impl Spec {
    /// Reads the statements; the error says what is missing.
    pub(super) fn read(code: &str) -> Result<Self, &'static str> {
        let (mut name, mut version, mut platform) = (None, None, None);
        let (mut licences, mut authors) = (Vec::new(), Vec::new());
        let (mut homepage, mut summary) = (None, None);
        let mut needs = Needs::default();
        for line in code.lines() {
            let Some(statement) = line.trim_start().strip_prefix("s.") else { continue };
            if let Some(call) = statement.strip_prefix("add_") {
                needs.add(call);
                continue;
            }
            let Some((field, value)) = statement.split_once('=') else { continue };
            let one = || text(value).map(|(one, _)| one);
            match field.trim_end() {
                "name" => name = one(),
                "version" => version = one(),
                "platform" => platform = one(),
                "license" | "licenses" => licences = texts(value),
                "author" | "authors" => authors = texts(value),
                "homepage" => homepage = one(),
                "summary" => summary = one(),
                _ => {}
            }
        }
        Ok(Self {
            name: name.filter(|n| is_name(n)).ok_or("a gemspec with no literal `name`")?,
            version: version.filter(|v| version::is_version(v)).ok_or("a gemspec with no literal `version`")?,
            platform: platform.filter(|p| stated::is_word(p) && p != "ruby"),
            licence: licence(&licences),
            authors: stated::line(&authors.join(", ")),
            homepage: homepage.as_deref().and_then(stated::link),
            summary: summary.as_deref().and_then(stated::line),
            needs: needs.needs,
        })
    }

    /// Whether the gem's files are named `full`. Debian leaves the version out.
    pub(super) fn is_called(&self, full: &[u8]) -> bool {
        let rest = full.strip_prefix(self.name.as_bytes());
        let rest = rest.map(|rest| rest.strip_prefix(b"-").unwrap_or(rest));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(self.version.as_bytes()))
    }
}

/// A name by RubyGems' own rule: letters, digits, `.`, `-`, `_`.
fn is_name(name: &str) -> bool {
    stated::is_word(name) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) && name != "."
}

/// The words of a list of licences; what several of them mean together RubyGems leaves open.
fn licence(words: &[String]) -> Licence {
    let licence = stated::any_licence(words.iter().map(String::as_str));
    let sole = licence.stated.len() == 1;
    Licence { expression: licence.expression.filter(|_| sole), ..licence }
}

/// Dependencies as they are read. In the branch for RubyGems of old, which knew one kind of dependency, those for
/// development are said again without the word.
#[derive(Default)]
struct Needs {
    needs: Vec<Need>,
    development: Vec<String>,
}

impl Needs {
    /// Adds what `add_` is called for.
    fn add(&mut self, call: &str) {
        let (kind, arguments) = call.split_once("dependency").unwrap_or((call, ""));
        let Some((name, rest)) = text(arguments.trim_start_matches(['(', ' '])) else { return };
        let is_known = self.needs.iter().any(|need| need.name == name) || self.development.contains(&name);
        if is_known || self.needs.len() + self.development.len() >= NEEDS {
            return;
        }
        if kind == "development_" {
            self.development.push(name);
        } else {
            let rest = rest.strip_prefix(".freeze").unwrap_or(rest).trim_start();
            let requirements = rest.strip_prefix(',').map(texts).unwrap_or_default();
            self.needs.push(Need { name, requirements });
        }
    }
}

impl Need {
    /// Whether a gem of this version will do.
    pub(super) fn is_met_by(&self, version: &str) -> bool {
        self.requirements.iter().all(|requirement| version::satisfies(version, requirement))
    }
}
