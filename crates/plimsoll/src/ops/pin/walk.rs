//! The files in which images are looked for.
//!
//! Links are not followed: a file that is reached by one belongs to another place. A link that is named itself is
//! followed only to a file below the working folder.

use crate::ops::files::below;
use model::escaped;
use practices::PinPolicy;
use sources::{Grammar, Kind, Mention, Obstacle, Parsed};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest file that is read.
const LARGEST: u64 = 8 << 20;
/// The largest file whose tree is kept until it is edited: it takes some twenty times the text.
const KEPT: usize = 64 << 10;

/// A text with the images it names.
pub(crate) struct Source {
    /// As the user would write it.
    pub(crate) path: String,
    /// Where it is.
    pub(crate) file: PathBuf,
    /// What it is read as.
    pub(crate) grammar: Grammar,
    /// What it said when it was read.
    pub(crate) text: String,
    /// What it was parsed to, so that an edit need not parse it again; a large one is not kept.
    pub(crate) parsed: Option<Parsed>,
    /// What it names.
    pub(crate) mentions: Vec<Mention>,
}

/// A file of which nothing can be said, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) path: String,
    pub(crate) why: String,
}

/// All texts under some paths, in the order of their names.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) texts: Vec<Source>,
    pub(crate) unread: Vec<Unread>,
}

/// Reads what is there. A path that is a file is read whatever it is called.
pub(crate) fn gather(paths: &[PathBuf], here: &Path, policy: &PinPolicy) -> Sources {
    let mut all = Sources::default();
    for path in paths {
        let whole = here.join(path);
        if let Err(why) = may_follow(&whole, here) {
            all.unread.push(Unread { path: shown(path), why });
        } else if whole.is_dir() {
            folder(path, here, policy, &mut all);
        } else {
            one(path, &whole, &shown(path), true, policy, &mut all);
        }
    }
    all.texts.sort_by(|a, b| a.path.cmp(&b.path));
    all.texts.dedup_by(|a, b| a.path == b.path);
    all
}

fn may_follow(path: &Path, here: &Path) -> Result<(), String> {
    let link = fs::symlink_metadata(path).map_err(|e| e.to_string())?.is_symlink();
    let inside = || Some(path.canonicalize().ok()?.starts_with(here.canonicalize().ok()?));
    match link && inside() != Some(true) {
        true => Err("a link that leads out of the working folder is not followed".to_owned()),
        false => Ok(()),
    }
}

fn folder(path: &Path, here: &Path, policy: &PinPolicy, all: &mut Sources) {
    let root = here.join(path);
    for entry in below(&root) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                all.unread.push(Unread { path: shown(path), why: escaped(&error.to_string()).into_owned() });
                continue;
            }
        };
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let inside = entry.path().strip_prefix(&root).unwrap_or(entry.path());
            one(&path.join(inside), entry.path(), &shown(inside), false, policy, all);
        }
    }
}

/// Reads one file if it is of a kind; one that was named has to be.
fn one(path: &Path, file: &Path, inside: &str, named: bool, policy: &PinPolicy, all: &mut Sources) {
    let pattern = policy.pattern(inside).or_else(|| policy.pattern(&shown(path)));
    let by_path = Kind::of_path(inside);
    let is = |ending: &str| ends_with(inside, ending);
    if !named && pattern.is_none() && by_path.is_none() && !is(".yml") && !is(".yaml") && !is(".tpl") {
        return;
    }
    let sure = named || pattern.is_some() || by_path.is_some();
    let found = read(file, sure).and_then(|text| {
        let Some(text) = text else { return Ok(None) };
        let grammar = match pattern {
            Some(pattern) => Some(Grammar::Pattern(pattern.clone())),
            None => Kind::of(&shown(path), &text).map(Grammar::Kind),
        };
        let Some(grammar) = grammar else {
            let why = "no kind of text that is known: give it a pattern in `plimsoll.toml`";
            return if named { Err(why.to_owned()) } else { Ok(None) };
        };
        parsed(path, file, grammar, text, policy).map(Some)
    });
    match found {
        Ok(source) => all.texts.extend(source),
        Err(why) => all.unread.push(Unread { path: shown(path), why: escaped(&why).into_owned() }),
    }
}

fn ends_with(name: &str, ending: &str) -> bool {
    let at = name.len().checked_sub(ending.len());
    at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

fn parsed(path: &Path, file: &Path, grammar: Grammar, text: String, policy: &PinPolicy) -> Result<Source, String> {
    let (path, file) = (shown(path), file.to_owned());
    if !grammar.kind().may_name(&text) {
        return Ok(Source { path, file, grammar, text, parsed: None, mentions: Vec::new() });
    }
    let parsed = grammar.parse(&text).map_err(|e| e.to_string())?;
    let mut mentions = parsed.mentions(&text).map_err(|e| e.to_string())?;
    leave_own(&mut mentions, policy);
    let parsed = (text.len() <= KEPT).then_some(parsed);
    Ok(Source { path, file, grammar, text, parsed, mentions })
}

/// What a file says; nothing if it is no text and need not be one.
fn read(file: &Path, sure: bool) -> Result<Option<String>, String> {
    let file = File::open(file).map_err(|e| e.to_string())?;
    let length = file.metadata().map_err(|e| e.to_string())?.len();
    if length > LARGEST {
        return if sure { Err(format!("{length} bytes long: at most {LARGEST} are read")) } else { Ok(None) };
    }
    // One byte more than it has: then the end is seen at once, and a file that grows is seen, too.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it grows: at most {LARGEST} bytes are read"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) if !sure => Ok(None),
        Err(error) => Err(format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to())),
    }
}

/// What policy calls one's own is a name for a result, wherever it is used.
fn leave_own(mentions: &mut [Mention], policy: &PinPolicy) {
    for mention in mentions.iter_mut().filter(|m| m.obstacle.is_none()) {
        if mention.reference().is_some_and(|reference| policy.is_own(reference)) {
            mention.obstacle = Some(Obstacle::Output);
        }
    }
}

/// A path for people and for patterns.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let short = text.strip_prefix("./").unwrap_or(&text);
    if short.is_empty() { ".".to_owned() } else { short.to_owned() }
}
