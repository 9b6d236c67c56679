//! The cache's folder: where entries lie, how they come and go while other processes do the same.
//!
//! An entry is written to a temporary file beside its place and renamed, so a reader sees all of it or none.
//! What is in use is told by modification times. The total is kept in a small file under a lock, so that a store
//! need not look at the whole folder; it errs, if at all, on the side of tidying up too early.

use super::CacheError;
use super::entry::{EntryKind, Key};
use model::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Prefix of a file that is being written.
const TEMPORARY: &str = ".tmp-";
/// The lock, which also holds the total in decimal.
const LOCK: &str = "total";
/// How old a temporary file is when its writer must be dead.
const ABANDONED: Duration = Duration::from_secs(3600);
/// How often an entry's use is noted at the most.
const TOUCH: Duration = Duration::from_secs(3600);
/// <https://bford.info/cachedir/>: tells backup programs to pass by.
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# The cache of Plimsoll; it can be removed.\n";

#[derive(Debug)]
pub(super) struct Folder {
    dir: PathBuf,
    limit: u64,
    /// Bytes written that could not be added to the total yet, since another process held the lock.
    pending: AtomicU64,
}

impl Folder {
    pub(super) fn open(dir: PathBuf, limit: u64) -> Result<Self, CacheError> {
        let folder = Self { dir, limit, pending: AtomicU64::new(0) };
        folder.prepare().map_err(|source| folder.error(source))?;
        Ok(folder)
    }

    /// Makes the folders; fails where nothing can be written.
    fn prepare(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&self.dir)?;
        for kind in EntryKind::ALL {
            builder.create(self.dir.join(kind.word()))?;
        }
        let tag = self.dir.join("CACHEDIR.TAG");
        if !tag.try_exists()? {
            fs::write(tag, TAG)?;
        }
        // A folder may be writable in name alone (a read-only mount): only a write proves it.
        tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&self.dir)?.close()?;
        self.lock_file().map(drop)
    }

    fn error(&self, source: io::Error) -> CacheError {
        CacheError::Folder { dir: self.dir.clone(), source }
    }

    /// Where the entry of this key lies.
    pub(super) fn path(&self, key: &Key) -> PathBuf {
        let hex = key.hash.hex();
        self.dir.join(key.kind.word()).join(&hex[..2]).join(&hex[2..])
    }

    /// Puts an entry in its place, and tidies up if that was one too many.
    pub(super) fn write(&self, key: &Key, bytes: &[u8]) -> Result<(), CacheError> {
        let size = bytes.len() as u64;
        if size > self.limit {
            return Ok(());
        }
        self.place(&self.path(key), bytes).map_err(|e| self.error(e))?;
        self.pending.fetch_add(size, Ordering::Relaxed);
        self.settle().map_err(|e| self.error(e))
    }

    fn place(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let parent = path.parent().unwrap_or(&self.dir);
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(parent)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    }

    /// Adds what was written to the total, if no other process holds it, and trims if that is above the limit.
    fn settle(&self) -> io::Result<()> {
        let Some(mut lock) = self.try_lock()? else { return Ok(()) };
        let written = self.pending.swap(0, Ordering::Relaxed);
        match read_total(&mut lock) {
            Some(total) if total.saturating_add(written) <= self.limit => write_total(&mut lock, total + written),
            _ => self.trim_locked(&mut lock),
        }
    }

    pub(super) fn trim(&self) -> Result<(), CacheError> {
        let work = || match self.try_lock()? {
            Some(mut lock) => self.trim_locked(&mut lock),
            None => Ok(()),
        };
        work().map_err(|e| self.error(e))
    }

    /// Removes abandoned files and, if the entries are above the limit, the oldest of them until a tenth of the
    /// limit is free, so that not every store has to.
    fn trim_locked(&self, lock: &mut File) -> io::Result<()> {
        let now = SystemTime::now();
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for kind in EntryKind::ALL {
            self.each(kind, &mut |path, size, used| entries.push((used, size, path.to_owned())));
            self.each_temporary(kind, &mut |path, made| {
                if now.duration_since(made).is_ok_and(|age| age > ABANDONED) {
                    discard(path);
                }
            });
        }
        let mut total: u64 = entries.iter().map(|(_, size, _)| size).sum();
        if total > self.limit {
            entries.sort();
            for (_, size, path) in entries {
                if total <= self.limit - self.limit / 10 {
                    break;
                }
                remove(&path)?;
                total -= size;
            }
        }
        write_total(lock, total)
    }

    /// Removes every entry and temporary file.
    pub(super) fn clear(&self) -> Result<(), CacheError> {
        let work = || {
            let mut lock = self.lock_file()?;
            lock.lock()?;
            for kind in EntryKind::ALL {
                let mut paths = Vec::new();
                self.each(kind, &mut |path, _, _| paths.push(path.to_owned()));
                self.each_temporary(kind, &mut |path, _| paths.push(path.to_owned()));
                paths.iter().try_for_each(|path| remove(path))?;
            }
            write_total(&mut lock, 0)
        };
        work().map_err(|e| self.error(e))
    }

    /// Calls `with` for each entry of a kind: path, bytes, last use.
    pub(super) fn each(&self, kind: EntryKind, with: &mut dyn FnMut(&Path, u64, SystemTime)) {
        self.files(kind, &mut |path, name, meta| {
            if name.len() == 62 && name.bytes().all(|b| b.is_ascii_hexdigit()) {
                with(path, meta.len(), meta.modified().unwrap_or(SystemTime::UNIX_EPOCH));
            }
        });
    }

    fn each_temporary(&self, kind: EntryKind, with: &mut dyn FnMut(&Path, SystemTime)) {
        self.files(kind, &mut |path, name, meta| {
            if let (true, Ok(made)) = (name.starts_with(TEMPORARY), meta.modified()) {
                with(path, made);
            }
        });
    }

    /// Calls `with` for each regular file two levels below a kind's folder. What vanishes meanwhile is passed by.
    fn files(&self, kind: EntryKind, with: &mut dyn FnMut(&Path, &str, &fs::Metadata)) {
        let list = |dir: &Path| fs::read_dir(dir).into_iter().flatten().flatten();
        for shard in list(&self.dir.join(kind.word())).filter(|s| s.file_type().is_ok_and(|t| t.is_dir())) {
            for file in list(&shard.path()) {
                let Some(meta) = file.metadata().ok().filter(fs::Metadata::is_file) else { continue };
                if let Some(name) = file.file_name().to_str() {
                    with(&file.path(), name, &meta);
                }
            }
        }
    }

    /// Notes that an entry was used, unless that was done within the hour. Not worth an error.
    pub(super) fn touch(&self, path: &Path) {
        let now = SystemTime::now();
        let used = path.metadata().and_then(|m| m.modified());
        if used.is_ok_and(|used| now.duration_since(used).is_ok_and(|age| age > TOUCH)) {
            let _ = OpenOptions::new().write(true).open(path).and_then(|file| file.set_modified(now));
        }
    }

    fn lock_file(&self) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(self.dir.join(LOCK))
    }

    /// The lock, held until the file is dropped; `None` while another process or thread holds it.
    fn try_lock(&self) -> io::Result<Option<File>> {
        let file = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for Folder {
    /// A last attempt to count what this process wrote; the next trim counts it anyway.
    fn drop(&mut self) {
        if *self.pending.get_mut() > 0 {
            let _ = self.settle();
        }
    }
}

/// The hash of the key that an entry at `path` must have.
pub(super) fn hash_of(path: &Path) -> Option<Sha256> {
    let shard = path.parent()?.file_name()?.to_str()?;
    let digest: Digest = format!("sha256:{shard}{}", path.file_name()?.to_str()?).parse().ok()?;
    Some(Sha256(digest.bytes().try_into().ok()?))
}

/// The total; `None` if it was never written, or not whole.
fn read_total(file: &mut File) -> Option<u64> {
    let mut text = String::new();
    Read::by_ref(file).take(32).read_to_string(&mut text).ok()?;
    text.strip_suffix('\n')?.parse().ok()
}

fn write_total(file: &mut File, total: u64) -> io::Result<()> {
    file.rewind()?;
    file.set_len(0)?;
    writeln!(file, "{total}")
}

/// Removes a file that may be gone already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a damaged or abandoned file; if that fails, it is met again another time.
pub(super) fn discard(path: &Path) {
    let _ = fs::remove_file(path);
}
