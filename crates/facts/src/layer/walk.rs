//! The plain stream: walked entry by entry, each file hashed, what readers want kept.

use super::file::{Taken, take_file};
use super::pipe::WalkEnd;
use super::{HEAD, Means, take};
use crate::entry::{Entry, Kind, LayerFacts, Nature};
use crate::keep::Kept;
use crate::tar::{Header, TarError, Type, Walker};
use model::{Digest, PathError, TreePath, Unknown, UnknownKind};
use std::io::Read;

/// Walks to the end of the stream and says its digest. Digest and length of the facts are the caller's to fill in.
pub(super) fn run(end: WalkEnd, means: &Means<'_>) -> (Digest, Result<LayerFacts, Unknown>) {
    let mut walk = Walk {
        means,
        facts: empty(),
        names: 0,
        holes: 0,
        kept: 0,
        scratch: Vec::new(),
        gaps: [0; 2],
        exhausted: false,
        stopped: false,
    };
    let mut walker = Walker::new(end, means.limits);
    loop {
        match walker.next_entry() {
            Ok(Some(header)) => match walk.entry(&header, &mut walker) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    walk.damaged(&error, walker.offset());
                    break;
                }
            },
            Ok(None) => break,
            Err(error) => {
                walk.damaged(&error, walker.offset());
                break;
            }
        }
    }
    let exhausted = walk.exhausted;
    // They stay until the image is assembled, so what the vector grew beyond them is given back.
    walk.facts.entries.shrink_to_fit();
    let (digest, facts) = walk.rest(walker);
    // Other layers used it up, so what is left out here is no fact of this layer.
    if exhausted {
        let why = "the image's layers have more entries than were allowed in all (plain_total); nothing in this one was believed";
        return (digest, Err(Unknown::new(UnknownKind::Limit, why)));
    }
    (digest, Ok(facts))
}

fn empty() -> LayerFacts {
    LayerFacts { diff_id: Digest::of(b""), plain_size: 0, entries: Vec::new(), kept: Vec::new(), unknowns: Vec::new() }
}

struct Walk<'a> {
    means: &'a Means<'a>,
    facts: LayerFacts,
    /// Bytes of names so far, of holes so far, kept so far.
    names: u64,
    holes: u64,
    kept: u64,
    /// The buffer of files that are opened, used again and again.
    scratch: Vec<u8>,
    /// Gaps so far that do not block a verdict, and that do.
    gaps: [usize; 2],
    /// Whether the image's allowance was used up.
    exhausted: bool,
    /// Whether the walk ended before the archive did.
    stopped: bool,
}

/// So many gaps of either sort are told one by one.
const TOLD: usize = 1000;
/// What an entry takes of the allowance beside its bytes: entries stay in memory until the image is assembled.
pub(super) const ENTRY_COST: u64 = 1536;
/// What a gap costs beside its words: it is told again in each report, so some ten thousands of an image are enough.
pub(super) const GAP_COST: u64 = 4096;
/// What a kept part costs beside its bytes.
const PART_COST: u64 = 96;

impl Walk<'_> {
    /// Takes in one entry; `false` if a limit ends the walk.
    fn entry(&mut self, header: &Header, walker: &mut Walker<WalkEnd>) -> Result<bool, TarError> {
        if let Some(why) = self.limit_hit(header) {
            // Told whatever else was: without it the rest would seem to be read.
            self.facts.unknowns.push(Unknown::new(UnknownKind::Limit, why).byte(header.offset));
            self.stopped = true;
            return Ok(false);
        }
        if header.kind == Type::PaxGlobal {
            if header.disputed {
                self.odd(header, "it names or sizes what follows for some extractors and not for others".to_owned());
            }
            return Ok(true);
        }
        let path = match self.path(&header.name) {
            Ok(path) => path,
            Err(why) => {
                self.odd(header, why);
                return Ok(true);
            }
        };
        let (path, kind) = match whiteout(&path) {
            Mark::None => match self.kind(header) {
                Some(kind) => (path, kind),
                None => return Ok(true),
            },
            Mark::Hides(path) => (path, Kind::Whiteout),
            Mark::HidesAllIn(path) => (path, Kind::Opaque),
            Mark::Bookkeeping => return Ok(true),
            Mark::Odd => {
                self.odd(header, "its whiteout names no file".to_owned());
                return Ok(true);
            }
        };
        if !take(self.means.allowance, ENTRY_COST) {
            self.exhausted = true;
            self.stopped = true;
            return Ok(false);
        }
        let mut entry = entry(header, path, kind);
        if entry.kind == Kind::File {
            self.file(header, &mut entry, walker)?;
        }
        self.facts.entries.push(entry);
        Ok(true)
    }

    fn file(&mut self, header: &Header, entry: &mut Entry, walker: &mut Walker<WalkEnd>) -> Result<(), TarError> {
        entry.size = header.size;
        if let Some(why) = self.too_sparse(header, walker) {
            self.unknown(Unknown::new(UnknownKind::Limit, why).at(&entry.path).byte(header.offset));
            return Ok(());
        }
        if !walker.is_sparse() {
            walker.reader_mut().begin_file();
        }
        let mut head = [0; HEAD];
        let count = walker.head(&mut head)?;
        let head = &head[..count];
        entry.nature = Nature::of(head);
        let room = self.means.limits.kept_bytes.saturating_sub(self.kept);
        let Taken { sha256, parts, unknowns } = take_file(entry, head, room, walker, &mut self.scratch, self.means)?;
        entry.sha256 = sha256.or_else(|| walker.reader_mut().end_file());
        let index = self.facts.entries.len() as u32;
        for (part, bytes) in parts {
            self.kept = self.kept.saturating_add(bytes.len() as u64 + part.name().len() as u64 + PART_COST);
            if self.kept > self.means.limits.kept_bytes {
                let why = "no more is kept of this layer (kept_bytes), so parts of the file are missing";
                self.unknown(Unknown::new(UnknownKind::Limit, why).at(&entry.path));
                break;
            }
            self.facts.kept.push(Kept { entry: index, part, bytes });
        }
        unknowns.into_iter().for_each(|u| self.unknown(u.at(&entry.path)));
        Ok(())
    }

    /// Holes cost time to hash and nothing to send, so they have a limit of their own.
    fn too_sparse(&mut self, header: &Header, walker: &Walker<WalkEnd>) -> Option<String> {
        let holes = header.size.saturating_sub(walker.stored());
        self.holes = self.holes.saturating_add(holes);
        let limit = self.means.limits.sparse_bytes;
        (holes > 0 && self.holes > limit)
            .then(|| format!("the layer's sparse files have over {limit} bytes of holes (sparse_bytes)"))
    }

    fn limit_hit(&mut self, header: &Header) -> Option<String> {
        let limits = self.means.limits;
        self.names += (header.name.len() + header.link.len()) as u64;
        if self.facts.entries.len() >= limits.entries {
            return Some(format!("the layer has over {} entries (entries); the rest was not read", limits.entries));
        }
        (self.names > limits.name_bytes).then(|| {
            format!("the layer's names have over {} bytes (name_bytes); the rest was not read", limits.name_bytes)
        })
    }

    fn path(&self, name: &[u8]) -> Result<TreePath, String> {
        let limits = self.means.limits;
        if name.len() > limits.path_bytes {
            return Err(format!("its name is over {} bytes long (path_bytes)", limits.path_bytes));
        }
        let path = TreePath::clean(name).map_err(|e: PathError| e.to_string())?;
        if path.components().count() > limits.path_depth {
            return Err(format!("its path is over {} folders deep (path_depth)", limits.path_depth));
        }
        Ok(path)
    }

    fn kind(&mut self, header: &Header) -> Option<Kind> {
        Some(match header.kind {
            Type::File => Kind::File,
            Type::Directory => Kind::Directory,
            Type::Symlink => match self.symlink(&header.link) {
                Ok(target) => target,
                Err(why) => {
                    self.odd(header, why);
                    return None;
                }
            },
            Type::HardLink => match self.path(&header.link) {
                Ok(target) => Kind::HardLink(target),
                Err(why) => {
                    self.odd(header, format!("it is a hard link, and of the target {why}"));
                    return None;
                }
            },
            Type::Device | Type::Fifo => Kind::Special,
            Type::Other(letter) => {
                self.odd(header, format!("its type `{}` is unknown", model::visible(&[letter])));
                return None;
            }
            _ => return None,
        })
    }

    /// A target that no kernel takes makes an entry that no extractor can write.
    fn symlink(&self, target: &[u8]) -> Result<Kind, String> {
        let limit = self.means.limits.path_bytes;
        match target.len() {
            0 => Err("it is a symbolic link to nothing".to_owned()),
            length if length > limit => {
                Err(format!("it is a symbolic link whose target is over {limit} bytes long (path_bytes)"))
            }
            _ if target.contains(&0) => Err("it is a symbolic link whose target holds a NUL byte".to_owned()),
            _ => Ok(Kind::Symlink(target.into())),
        }
    }

    fn odd(&mut self, header: &Header, why: String) {
        let name = &header.name[..header.name.len().min(200)];
        let why = format!("the entry `{}` was left out: {why}", model::visible(name));
        self.unknown(Unknown::new(UnknownKind::OddEntry, why).byte(header.offset));
    }

    /// A layer made of nothing but gaps must not fill the memory, nor harmless gaps crowd out those that block.
    fn unknown(&mut self, unknown: Unknown) {
        let count = &mut self.gaps[usize::from(unknown.kind.blocks())];
        *count += 1;
        if *count <= TOLD {
            self.facts.unknowns.push(unknown);
        }
    }

    /// Says how many gaps were not told.
    fn untold(&mut self) {
        for (count, kind) in self.gaps.into_iter().zip([UnknownKind::BadRecord, UnknownKind::OddEntry]) {
            if count > TOLD {
                let why = format!("{} more gaps of the layer are not listed", count - TOLD);
                self.facts.unknowns.push(Unknown::new(kind, why));
            }
        }
    }

    fn damaged(&mut self, error: &TarError, offset: u64) {
        self.stopped = true;
        let kind = if matches!(error, TarError::Extension { .. }) { UnknownKind::Limit } else { UnknownKind::Damaged };
        self.facts.unknowns.push(Unknown::new(kind, format!("{error}; the rest was not read")).byte(offset));
    }

    /// Reads on to the end of the stream, since the digests are over all of it; says if what follows the
    /// archive's end mark is not just padding.
    fn rest(mut self, walker: Walker<WalkEnd>) -> (Digest, LayerFacts) {
        let offset = walker.offset();
        let finished = !self.stopped;
        let mut end = walker.into_inner();
        let mut hidden = false;
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = end.read(&mut buffer) {
            hidden |= finished && buffer[..count].iter().any(|&b| b != 0);
        }
        if hidden {
            let why = "bytes follow the archive's end mark; extractors ignore them, and so did we";
            self.facts.unknowns.push(Unknown::new(UnknownKind::BadRecord, why).byte(offset));
        }
        self.untold();
        self.facts.kept.sort();
        (end.finish(), self.facts)
    }
}

fn entry(header: &Header, path: TreePath, kind: Kind) -> Entry {
    Entry {
        path,
        kind,
        size: 0,
        mode: header.mode,
        uid: u32::try_from(header.uid).unwrap_or(u32::MAX),
        gid: u32::try_from(header.gid).unwrap_or(u32::MAX),
        mtime: header.mtime,
        sha256: None,
        capability: header.capability,
        nature: Nature::Plain,
    }
}

/// What a name with the whiteout prefix means
/// (<https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#whiteouts>).
enum Mark {
    None,
    Hides(TreePath),
    HidesAllIn(TreePath),
    /// AUFS's own files (`.wh..wh.plnk`…), which Docker passes over too.
    Bookkeeping,
    Odd,
}

fn whiteout(path: &TreePath) -> Mark {
    let Some(name) = path.file_name().strip_prefix(b".wh.") else { return Mark::None };
    if name.starts_with(b".wh.") {
        let opaque = name == b".wh..opq";
        return if opaque { path.parent().map_or(Mark::Odd, Mark::HidesAllIn) } else { Mark::Bookkeeping };
    }
    if matches!(name, b"" | b"." | b"..") {
        return Mark::Odd;
    }
    path.parent().and_then(|parent| parent.join(name).ok()).map_or(Mark::Odd, Mark::Hides)
}
