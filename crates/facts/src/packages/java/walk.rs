//! What is kept of a Java archive: its manifest's main section, its Maven metadata, and the same of every
//! archive within it, each named by the path that leads to it.

use super::zip::{Directory, Member, Source, ZipError};
use crate::keep::{Content, Keeper};
use crate::packages::java::is_archive;
use model::{Unknown, UnknownKind};

/// Bytes of the longest metadata file that is kept.
const MAX_METADATA: u64 = 1 << 20;
/// Bytes of a manifest that are looked at: its main section comes first, a digest of every class may follow.
const MAX_MANIFEST: u64 = 256 << 10;
/// Bytes of the largest compressed archive within an archive; it is held in memory. Spring Boot stores them.
const MAX_NESTED: u64 = 64 << 20;
/// Bytes that may be read and inflated of one file, whatever its size.
const LEAST_BUDGET: u64 = 2 * MAX_NESTED;

pub(super) const MANIFEST: &str = "META-INF/MANIFEST.MF";
pub(super) const MAVEN: &str = "META-INF/maven/";
pub(super) const PROPERTIES: &str = "/pom.properties";
pub(super) const XML: &str = "/pom.xml";

/// Keeps what matters of the archive in `content`.
pub(super) fn walk(content: &Content<'_>, keeper: &mut Keeper<'_>) {
    let ceiling = keeper.limits.plain_floor.max(LEAST_BUDGET);
    let budget = content.len().saturating_mul(keeper.limits.inflate_ratio).clamp(LEAST_BUDGET, ceiling);
    let members = keeper.limits.members;
    let kept = keeper.limits.kept_file_bytes;
    let mut walk = Walk { keeper, budget, members, kept, odd: 0 };
    walk.archive(Source::whole(content), "", 0);
}

struct Walk<'k, 'l> {
    keeper: &'k mut Keeper<'l>,
    /// Bytes that may still be read or inflated: members may lie upon each other, so the file's size is no limit.
    budget: u64,
    /// Members that may still be looked at.
    members: usize,
    /// Bytes that may still be kept.
    kept: u64,
    /// Things that could not be read; only the first few are told.
    odd: usize,
}

/// Why the walk ends before its end.
struct Stop;

impl Walk<'_, '_> {
    fn archive(&mut self, source: Source<'_>, within: &str, depth: usize) -> Option<Stop> {
        let found = source.directory();
        let directory_size = found.as_ref().map_or(0, Directory::size);
        if let Some(stop) = self.charge(source.price() + directory_size) {
            return Some(stop);
        }
        let directory = match found {
            Ok(directory) => directory,
            Err(error) => {
                self.tell(within, error);
                return None;
            }
        };
        let mut texts: Vec<Member<'_>> = Vec::new();
        for member in directory.members() {
            let member = match member {
                Ok(member) => member,
                Err(error) => {
                    self.tell(within, error);
                    break;
                }
            };
            let Some(left) = self.members.checked_sub(1) else {
                return Some(self.limit(format!("more than {} members (members)", self.keeper.limits.members)));
            };
            self.members = left;
            if self.member(source, &directory, member, within, depth, &mut texts).is_some() {
                return Some(Stop);
            }
        }
        self.texts(source, &directory, &texts, within)
    }

    fn member<'d>(
        &mut self,
        source: Source<'_>,
        directory: &'d Directory<'_>,
        member: Member<'d>,
        within: &str,
        depth: usize,
        texts: &mut Vec<Member<'d>>,
    ) -> Option<Stop> {
        let fits = |name: &&str| name.len() <= self.keeper.limits.path_bytes && !name.contains(['!', '\0']);
        let Some(name) = std::str::from_utf8(member.name).ok().filter(fits) else {
            if is_archive(member.name) || member.name.starts_with(MAVEN.as_bytes()) {
                self.tell(within, ZipError::Name);
            }
            return None;
        };
        let path = join(within, name);
        if name.eq_ignore_ascii_case(MANIFEST) {
            let start = source.start(directory, &member, MAX_MANIFEST);
            let kept = start.map(|(bytes, _)| main_section(bytes));
            let stop = self.charge(member.packed.min(MAX_MANIFEST));
            return stop.or_else(|| self.keep(&join(within, MANIFEST), kept));
        }
        if name.starts_with(MAVEN) && (name.ends_with(PROPERTIES) || name.ends_with(XML)) {
            texts.push(member);
            return None;
        }
        if !is_archive(name.as_bytes()) {
            return None;
        }
        if depth >= self.keeper.limits.nesting {
            return Some(self.limit(format!("archives more than {} deep (nesting)", self.keeper.limits.nesting)));
        }
        // An empty part says that the archive is there, whatever it holds.
        self.keeper.member(&path, Vec::new());
        self.nested(source, directory, &member, &path, depth + 1)
    }

    fn nested(
        &mut self,
        source: Source<'_>,
        directory: &Directory<'_>,
        member: &Member<'_>,
        path: &str,
        depth: usize,
    ) -> Option<Stop> {
        match source.within(directory, member) {
            Ok(Some(inner)) => self.archive(inner, path, depth),
            Ok(None) => {
                let bytes = source.whole_of(directory, member, MAX_NESTED.min(self.budget));
                let inflated = bytes.as_ref().map_or(0, Vec::len) as u64;
                if let Some(stop) = self.charge(inflated + member.packed.min(MAX_NESTED)) {
                    return Some(stop);
                }
                match bytes {
                    Ok(bytes) => return self.archive(Source::whole(&Content::Memory(&bytes)), path, depth),
                    Err(error) => self.tell(path, error),
                }
                None
            }
            Err(error) => {
                self.tell(path, error);
                None
            }
        }
    }

    /// Keeps the Maven metadata: the properties, and a `pom.xml` where no properties are beside it.
    fn texts(
        &mut self,
        source: Source<'_>,
        directory: &Directory<'_>,
        texts: &[Member<'_>],
        within: &str,
    ) -> Option<Stop> {
        let folder = |member: &Member<'_>| {
            let end = member.name.iter().rposition(|b| *b == b'/').unwrap_or(0);
            member.name[..end].to_vec()
        };
        let is_properties = |member: &&Member<'_>| member.name.ends_with(PROPERTIES.as_bytes());
        let with: std::collections::BTreeSet<Vec<u8>> = texts.iter().filter(is_properties).map(folder).collect();
        for member in texts {
            if !is_properties(&member) && with.contains(&folder(member)) {
                continue;
            }
            let Ok(name) = std::str::from_utf8(member.name) else { continue };
            let bytes = source.whole_of(directory, member, MAX_METADATA);
            let stop = self.charge(member.packed.min(MAX_METADATA));
            if let Some(stop) = stop.or_else(|| self.keep(&join(within, name), bytes)) {
                return Some(stop);
            }
        }
        None
    }

    fn keep(&mut self, path: &str, bytes: Result<Vec<u8>, ZipError>) -> Option<Stop> {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                self.tell(path, error);
                return None;
            }
        };
        let size = bytes.len() as u64;
        if let Some(stop) = self.charge(size) {
            return Some(stop);
        }
        let Some(left) = self.kept.checked_sub(size) else {
            return Some(
                self.limit(format!("more than {} bytes to keep (kept_file_bytes)", self.keeper.limits.kept_file_bytes)),
            );
        };
        self.kept = left;
        if !bytes.is_empty() {
            self.keeper.member(path, bytes);
        }
        None
    }

    /// Pays for bytes that were read or inflated.
    fn charge(&mut self, bytes: u64) -> Option<Stop> {
        match self.budget.checked_sub(bytes) {
            Some(left) => {
                self.budget = left;
                None
            }
            None => Some(self.limit("too much to read and inflate for its size (inflate_ratio)".to_owned())),
        }
    }

    fn tell(&mut self, path: &str, error: ZipError) {
        self.odd += 1;
        if self.odd > 20 && !error.is_limit() {
            return;
        }
        let kind = if error.is_limit() { UnknownKind::Limit } else { UnknownKind::BadRecord };
        let what = if path.is_empty() { String::new() } else { format!(" (in `{}`)", model::escaped(path)) };
        self.keeper.unknowns.push(Unknown::new(kind, format!("the Java archive: {error}{what}")));
    }

    fn limit(&mut self, why: String) -> Stop {
        self.keeper.unknowns.push(Unknown::new(UnknownKind::Limit, format!("the Java archive: {why}")));
        Stop
    }
}

fn join(within: &str, name: &str) -> String {
    if within.is_empty() { name.to_owned() } else { format!("{within}!{name}") }
}

/// The lines before the first empty one: what the archive says of itself as a whole.
fn main_section(mut bytes: Vec<u8>) -> Vec<u8> {
    let ends = [b"\n\n".as_slice(), b"\n\r\n", b"\r\r"];
    let end = ends.iter().filter_map(|end| memchr::memmem::find(&bytes, end)).min();
    bytes.truncate(end.map_or(bytes.len(), |at| at + 1));
    bytes
}
