//! The module lines of Go build information (<https://pkg.go.dev/runtime/debug#BuildInfo>).

/// One module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Module {
    /// Its path, in its own case.
    pub(super) path: String,
    /// Its version, also a commit; empty where the program does not say.
    pub(super) version: String,
}

/// All modules of one program.
#[derive(Debug, Default)]
pub(super) struct Info {
    /// The module of the program itself.
    pub(super) main: Option<Module>,
    /// The modules it was linked from, replacements applied.
    pub(super) deps: Vec<Module>,
    /// Lines that make no sense, three at most.
    pub(super) odd: Vec<String>,
}

/// What Go calls a module without a version: the main one before Go 1.24, or a local folder.
const DEVEL: &str = "(devel)";

impl Info {
    /// Reads the lines. Keywords that are not known are skipped, as Go does.
    pub(super) fn parse(text: &str) -> Self {
        let mut info = Self::default();
        let mut last_is_dep = false;
        for line in text.lines() {
            let (keyword, rest) = line.split_once('\t').unwrap_or((line, ""));
            match keyword {
                "mod" => info.main = module(rest).or(info.main.take()),
                "dep" => match module(rest) {
                    Some(dep) => info.deps.push(dep),
                    None => info.note_odd(line),
                },
                "=>" => info.replace(line, rest, last_is_dep),
                _ => {}
            }
            last_is_dep = keyword == "dep";
        }
        if let Some(main) = info.main.as_mut().filter(|main| main.version.is_empty()) {
            main.version = stated_version(text).unwrap_or_default();
        }
        info
    }

    fn note_odd(&mut self, line: &str) {
        if self.odd.len() < 3 {
            self.odd.push(line.chars().take(200).collect());
        }
    }

    /// A replacement with a version is another module. One without is a local folder: the code is a copy of
    /// the module it stands for, in no known version.
    fn replace(&mut self, line: &str, rest: &str, last_is_dep: bool) {
        let target = if last_is_dep { self.deps.last_mut() } else { self.main.as_mut() };
        match (target, module(rest)) {
            (Some(old), Some(new)) if !new.version.is_empty() => *old = new,
            (Some(old), Some(_)) => old.version.clear(),
            _ => self.note_odd(line),
        }
    }
}

/// `path TAB version [TAB sum]`.
fn module(rest: &str) -> Option<Module> {
    let mut fields = rest.split('\t');
    let path = fields.next().filter(|p| !p.is_empty() && p.chars().all(is_plain))?;
    let version = fields.next().unwrap_or_default();
    let version = if version == DEVEL || !version.chars().all(is_plain) { "" } else { version };
    Some(Module { path: path.to_owned(), version: version.to_owned() })
}

fn is_plain(c: char) -> bool {
    !c.is_control() && !c.is_whitespace()
}

/// The version of a main module that has none: the one set by `-ldflags -X …version=…`, else the commit,
/// which is what the purl spec wants where there is no version. Never a pseudo-version of our own making:
/// `v0.0.0-…` would claim that no release came before.
fn stated_version(text: &str) -> Option<String> {
    let setting = |key: &str| {
        text.lines().find_map(|l| l.strip_prefix("build\t")?.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned)
    };
    let flags = setting("-ldflags").unwrap_or_default();
    linked_version(&flags).or_else(|| setting("vcs.revision").filter(|r| is_commit(r)))
}

/// The version in `-X main.version=v1.2.3`, `-X 'example.com/app/version.Version=1.2.3'`.
fn linked_version(flags: &str) -> Option<String> {
    let words = flags.split([' ', '\t', '"', '\'']).filter(|w| !w.is_empty());
    let mut found = words.filter_map(|word| {
        let (variable, value) = word.strip_prefix("-X=").unwrap_or(word).split_once('=')?;
        let name = variable.rsplit(['.', '/']).next()?.to_ascii_lowercase();
        let is_version = matches!(name.as_str(), "version" | "appversion" | "buildversion" | "gitversion" | "semver");
        (is_version && looks_like_version(value)).then(|| value.trim_end_matches('\\').to_owned())
    });
    let first = found.next()?;
    // Two different versions: one is somebody else's, and nothing says which.
    found.all(|other| other == first).then_some(first)
}

fn looks_like_version(text: &str) -> bool {
    let digits = text.strip_prefix('v').unwrap_or(text);
    text.len() <= 64
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.contains('.')
        && digits.bytes().all(|b| b.is_ascii_alphanumeric() || b".+-_~".contains(&b))
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The standard library's version: `go1.20.12 X:boringcrypto` and `go1.20.12 (Red Hat 1.20.12-1)` are 1.20.12.
/// A toolchain between releases keeps its own word.
pub(super) fn toolchain_version(toolchain: &str) -> Option<String> {
    let toolchain = toolchain.trim();
    let version = match toolchain.strip_prefix("go") {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.split(' ').next()?,
        _ => toolchain,
    };
    (!version.is_empty() && version.len() <= 128 && !version.contains(char::is_control)).then(|| version.to_owned())
}
